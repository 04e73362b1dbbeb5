import type { UrlStrings } from './url-strings.ts';

export const ja: UrlStrings = {
  duplicate: (name, count) =>
    `${name} が異なる値で ${count} 回指定されています。最初の値だけを確認しました。`,
  missing: (name) => `${name} がありません。`,
  secondQuestionMark: (name) =>
    `${name} がありません。「?」が 2 つあるため、2 つ目の「?」以降は別のパラメータの値になります。`,
  otherCase: (name, written) =>
    `${name} がありません。大文字と小文字は区別されるため、CSS は「${written}」を読み取りません。`,
  misspelled: (name, written) => `${name} がありません。「${written}」は綴りが誤っています。`,
  escapedAmpersand: (name, written) =>
    `${name} がありません。「&」が「${written}」と書かれていて、CSS は元に戻しません。`,
  insideAnother: (name) =>
    `${name} がありません。「&」または「=」がパーセントエンコードされたため、別のパラメータの値に含まれています。`,
  txTimeMilliseconds: 'txTime がミリ秒です。CSS では 16 進数の秒を指定します。',
  txTimeUnreadable: 'txTime は 16 進数または 10 進数の Unix 時間（秒）で指定してください。',
  expired: (span) => `txTime はプッシュの ${span}前に期限切れになりました。`,
  gracePeriod:
    'URL は期限切れになったばかりです。ドメインの有効期間内であれば CSS がまだ受け付ける可能性がありますが、ドキュメントの記述は一致していません。',
  shorterThanSession:
    'URL は配信が終わる前に期限切れになります。プッシュは続きますが、期限切れ後の最初の再接続は 18/501 で拒否されます。',
  expiresSoon:
    'URL の有効期間が 12 時間未満です。期限切れ後の再接続は 18/501 で拒否されます。12～24 時間にしてください。',
  longValidity:
    'URL の有効期間が 1 か月を超えています。期限が切れるまで、入手した人は誰でもプッシュできます。',
  secretLength: (length) =>
    `txSecret は 16 進数で 32 文字（MD5）または 64 文字（SHA256）ですが、${length} 文字あります。`,
  secretUpperCase: 'txSecret に大文字が含まれています。ドキュメントの例は小文字だけです。',
  keyUnknown: (domain) =>
    `${domain || 'このドメイン'} の認証キーが設定されていないため、txSecret は確認していません。`,
  secretWrong: (keys) =>
    `この StreamName と txTime で計算すると、txSecret は${keys === 1 ? '設定されたキーと' : `設定された ${keys} 個のキーのいずれとも`}一致しません。`,
  ipInsteadOfDomain: (address) =>
    `URL がプッシュドメインではなく IP アドレス ${address} になっています。`,
  noFullDomain: (quoted) => `${quoted} は完全なドメイン名ではありません。`,
  domainMissing: 'streamid に h=（プッシュドメイン）がありません。',
  playbackDomain: (domain) =>
    `${domain} は Tencent Cloud の再生ドメインです。ドメインはプッシュ用か再生用のどちらかなので、プッシュドメインを使ってください。CSS が 18/302 を返すこともあります。`,
  srtPort: (needed, port) =>
    `SRT のプッシュにはポート ${needed} が必要ですが、URL ${port === null ? 'にポートがありません' : `では ${port} です`}。`,
  rtmpPort: ({ rtmp, overSrt, port }) =>
    `ドキュメントにあるポートは RTMP の ${rtmp} と RTMP over SRT の ${overSrt} だけですが、URL では ${port} です。`,
  isSrtPort: (port) => `ポート ${port} は srt:// の URL 用です。`,
  otherPort: (port, other, protocol) =>
    `ポート ${port} は ${other} 用で、${protocol} 用ではありません。`,
  illegal: (what, quoted) => `${what} に使えない文字 ${quoted} があります。`,
  unusual: (what, quoted) =>
    `${what} に ${quoted.join('、')} があります。ドキュメントは英字、数字、記号を認めていますが、どの記号かは書かれていません。「_」と「-」は安全です。`,
  secret: {
    made: (mistakes) => `txSecret の計算の誤り：${mistakes.join('。また、')}。`,
    sha1: 'MD5 や SHA256 ではなく SHA1 を使っています',
    sha512: 'MD5 や SHA256 ではなく SHA512 を使っています',
    sha256Cut: 'SHA256 を 32 文字に切り詰めています',
    md5Half: 'MD5 が 32 文字ではなく 16 文字です',
    hmacMd5: 'MD5 ではなく HMAC-MD5 を使っています',
    hmacSha256: 'SHA256 ではなく HMAC-SHA256 を使っています',
    order: (order) => `key + StreamName + txTime ではなく ${order} の順に連結しています`,
    keyLineBreak: 'キーの後に改行が入っています',
    keySpace: 'キーの後に空白が入っています',
    noKey: 'キーが含まれていません',
    otherKey: (other, domain) => `${domain} のキーではなく ${other} のキーを使っています`,
    txTimeLower: 'txTime が小文字ですが、URL では大文字です。両者は同じでなければなりません',
    txTimeUpper: 'txTime が大文字ですが、URL では小文字です。両者は同じでなければなりません',
    txTimeHex: 'txTime が 16 進数ですが、URL では 10 進数です',
    txTimeDecimal: 'txTime が 10 進数ですが、URL では 16 進数です',
    txTime0x: 'txTime の前に「0x」が付いています',
    noTxTime: 'txTime が含まれていません',
    appName: (quoted) => `StreamName だけではなく、AppName を含む ${quoted} を使っています`,
    prefixRemoved: (quoted) => `StreamName の接頭辞 ${quoted} が抜けています`,
    prefixAdded: (quotedName, prefix) =>
      `StreamName ${quotedName} で計算していますが、URL には接頭辞「${prefix}」がありません`,
    streamLower: 'StreamName を小文字にしています',
    streamUpper: 'StreamName を大文字にしています',
    streamEscaped: 'StreamName をパーセントエンコードしています',
    noStream: 'StreamName が含まれていません',
  },
};
