const SIGNS: Record<string, string> = {
  '<': '＜',
  '>': '＞',
  '*': '＊',
  '[': '［',
  ']': '］',
  '`': "'",
  '#': '＃',
};

/** Takes their power from signs of a Markdown that knows no escape, by their full-width kin. */
export function plainSigns(text: string): string {
  return text.replace(/[<>*[\]`#]/g, (sign) => SIGNS[sign] ?? sign);
}
