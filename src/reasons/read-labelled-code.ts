/** Labels of a code in logs, tables and messages, in the languages of CSS. The code is not one of HTTP. */
const LABEL =
  '(?:err(?:or)?[_ -]?code|err(?:or)?_?no|(?<!http |status |http)code|(?:断流|错误|错误代|返回)[码號号]|错误代码|エラー\\s?コード|切断コード|오류\\s?코드|에러\\s?코드|중단\\s?코드)';
const SUB_LABEL =
  '(?:sub[_ -]?(?:err(?:or)?[_ -]?)?code|子(?:错误)?码|子错误代码|サブ(?:エラー)?\\s?コード|(?:하위|서브)\\s?(?:오류\\s?)?코드)';
const BETWEEN = '["\']?\\s{0,8}(?:[=:：为は은는]|is)?\\s{0,8}["\']?';
const CODE = new RegExp(
  `(?<![\\p{L}_-]|sub[_ -])${LABEL}${BETWEEN}(\\d{1,9})(?:\\s{0,4}/\\s{0,4}(\\d{1,4}))?(?![\\d.]\\d)`,
  'iu',
);
const SUB_CODE = new RegExp(`${SUB_LABEL}${BETWEEN}(\\d{1,4})(?!\\d)`, 'iu');

/**
 * Reads a code behind its label: `"errcode": 18, "sub_errcode": 501`, `错误码：18 子码：501`.
 *
 * @param text - in NFKC, at most some thousand characters
 * @returns `18/501` or `18`; null when the text has no label with a number
 */
export function readLabelledCode(text: string): string | null {
  const code = CODE.exec(text.replace(SUB_CODE, ' '));
  if (!code) {
    return null;
  }
  const sub = code[2] ?? SUB_CODE.exec(text)?.[1];
  return sub === undefined ? (code[1] as string) : `${code[1]}/${sub}`;
}
