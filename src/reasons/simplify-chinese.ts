/** Terms that Taiwan and Hong Kong write with other characters, not only with traditional ones. */
const TERMS: readonly (readonly [term: RegExp, simplified: string])[] = [
  [/[網网]路(?!徑)/gu, '网络'],
  [/[網网]域名?[稱称]?/gu, '域名'],
  [/(?:用[戶户]|客[戶户])端/gu, '客户端'],
  [/位址/gu, '地址'],
  [/伺服器/gu, '服务器'],
  [/[資资]料/gu, '数据'],
  [/[資资][訊讯]/gu, '信息'],
  [/串流/gu, '流'],
  [/影格/gu, '帧'],
  [/[應应]用程式/gu, '应用'],
  [/通訊協[定議]|協定/gu, '协议'],
];

/** Traditional characters that reason texts and their tables use, each followed by its simplified form. */
const PAIRS =
  '鑑鉴鑒鉴權权參参數数驗验過过時时間间帳账號号費费務务暫暂關关閉闭請请無无識识別别網网應应稱称處处於于態态頻频創创當当條条設设許许優优級级鏈链連连結结現现戶户動动斷断開开長长據据協协議议異异內内' +
  '單单個个幀帧體体統统錯错誤误攜携帶带認认證证頂顶雲云聯联該该為为與与從从來来將将會会復复實实線线則则沒没錄录製制觀观眾众經经記记簽签載载傳传輸输標标準准碼码層层轉转換换執执啟启離离問问題题點点' +
  '選选還还並并餘余備备維维護护額额繳缴資资遠远組组裡里嗎吗這这後后達达規规範范佔占徑径區区訊讯決决類类終终續续儲储檢检測测禦御僅仅強强項项歡欢歷历壓压嚴严寫写尋寻導导屬属廣广張张徵征徹彻戰战擇择' +
  '擋挡擴扩擁拥擊击損损';
const SIMPLIFIED = new Map<string, string>();
for (let at = 0; at + 1 < PAIRS.length; at += 2) {
  SIMPLIFIED.set(PAIRS[at] as string, PAIRS[at + 1] as string);
}
const TRADITIONAL = new RegExp(`[${[...SIMPLIFIED.keys()].join('')}]`, 'gu');
const JAPANESE_OR_KOREAN = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
/** Terms in which no character need be traditional. */
const TRADITIONAL_TERM = /網|伺服器|位址|串流|影格|應用程式/u;

/**
 * Writes traditional Chinese as simplified Chinese, as far as words of reason texts and of the console go: CSS
 * writes simplified Chinese, people who quote it do not always. A text with kana or Hangul is left as it is.
 */
export function simplifyChinese(text: string): string {
  TRADITIONAL.lastIndex = 0;
  if (JAPANESE_OR_KOREAN.test(text) || !(TRADITIONAL.test(text) || TRADITIONAL_TERM.test(text))) {
    return text;
  }
  const withTerms = TERMS.reduce((words, [term, written]) => words.replace(term, written), text);
  return withTerms.replace(TRADITIONAL, (character) => SIMPLIFIED.get(character) as string);
}
