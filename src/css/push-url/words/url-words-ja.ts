import type { UrlStrings } from './url-strings.ts';

export const ja: UrlStrings = {
  none: {
    shape: 'rtmp://ドメイン/AppName/StreamName の形ではありません。',
    domain: ':// の後のドメインが正しくありません。',
    userInfo:
      'ドメインの前にユーザー名があります。CSS のプッシュにユーザー名はなく、「?」の後の txSecret と txTime で認証します。',
    port: 'ポートは 1 から 65535 までの数字です。',
    playback:
      '再生 URL（HTTP-FLV、HLS、DASH）です。エンコーダーのプッシュ URL を確認してください。rtmp://、webrtc://、srt:// のいずれかで始まります。',
    protocol: (name) => `プロトコル ${name} には対応していません。`,
    noStream:
      'AppName の後に StreamName がありません。OBS などでは、サーバーとは別の「ストリームキー」にパラメータと一緒に入れます。両方を「/」でつないでください。',
    noNames: 'ドメインの後に AppName と StreamName がありません。',
    whipEndpoint:
      'WHIP のエンドポイントで、どのストリームでも同じです。プッシュ URL は、エンコーダーが Bearer トークンとして送る webrtc:// のテキストです。それを確認してください。',
    escape: (what) => `${what} のパーセントエンコードが正しくありません。`,
    streamIdMissing: 'streamid がありません。',
    streamIdStart:
      'streamid は #!:: で始まります（例：#!::h=ドメイン,r=AppName/StreamName,txSecret=…,txTime=…）。',
    streamIdAmpersand:
      'streamid の区切りが「&」になっています。コンマで区切ってください（#!::h=…,r=…,txSecret=…）。',
    streamIdNames: 'streamid に r=AppName/StreamName がありません。',
    srtRequest:
      'streamid の m=request は、プッシュではなく再生の要求です。m=publish にするか、m を省いてください。',
  },
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
  fullWidth: (name, sign) =>
    `${name} がありません。URL に全角の「${sign}」があり、区切りになりません。半角の「${sign.normalize('NFKC')}」にしてください。`,
  txTimeMilliseconds: 'txTime がミリ秒です。CSS では 16 進数の秒を指定します。',
  txTimeUnreadable: 'txTime は 16 進数または 10 進数の Unix 時間（秒）で指定してください。',
  txTime0x:
    'txTime が「0x」で始まっています。ドキュメントの例は数字だけで、CSS がこの接頭辞を読み取るかは書かれていません。txSecret の計算でも省いてください。',
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
    txTimeLineBreak: 'txTime の後に改行が入っています（`echo` が付けるものなど）',
    partOfStream: (part, name) =>
      `StreamName ${part} で計算していますが、URL の AppName の後は ${name} です`,
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
