import type { UrlStrings } from './url-strings.ts';

export const zh: UrlStrings = {
  none: {
    shape: '应形如 rtmp://域名/AppName/StreamName。',
    domain: ':// 之后的域名无效。',
    userInfo: '域名前有用户名。CSS 推流不使用用户名，鉴权靠“?”之后的 txSecret 和 txTime。',
    port: '端口必须是 1 到 65535 的数字。',
    playback:
      '这是播放地址（HTTP-FLV、HLS 或 DASH）。请检查编码器的推流地址，它以 rtmp://、webrtc:// 或 srt:// 开头。',
    protocol: (name) => `不支持协议 ${name}。`,
    noStream:
      'AppName 之后缺少 StreamName。OBS 等软件把它连同参数放在“串流密钥”里，请用“/”把服务器与密钥拼接起来。',
    noNames: '域名之后缺少 AppName 和 StreamName。',
    whipEndpoint:
      '这是 WHIP 的接入地址，所有流都相同。推流地址是编码器作为 Bearer Token 发送的 webrtc:// 文本，请检查该文本。',
    escape: (what) => `${what} 的百分号编码不正确。`,
    streamIdMissing: '缺少 streamid。',
    streamIdStart:
      'streamid 必须以 #!:: 开头，例如 #!::h=域名,r=AppName/StreamName,txSecret=…,txTime=…。',
    streamIdAmpersand: 'streamid 的各部分之间用了“&”，应使用逗号（#!::h=…,r=…,txSecret=…）。',
    streamIdNames: 'streamid 中缺少 r=AppName/StreamName。',
    srtRequest: 'streamid 中的 m=request 表示播放而不是推流。请用 m=publish，或去掉 m。',
  },
  duplicate: (name, count) => `${name} 出现了 ${count} 次且值不同，只检查了第一个。`,
  missing: (name) => `缺少 ${name}。`,
  secondQuestionMark: (name) =>
    `缺少 ${name}：地址中有两个“?”，从第二个“?”起的内容被当作另一个参数的值。`,
  otherCase: (name, written) => `缺少 ${name}：参数名区分大小写，CSS 不识别“${written}”。`,
  misspelled: (name, written) => `缺少 ${name}：“${written}”拼写有误。`,
  escapedAmpersand: (name, written) => `缺少 ${name}：“&”被写成了“${written}”，CSS 不会还原。`,
  insideAnother: (name) => `缺少 ${name}：由于“&”或“=”被百分号编码，它成了另一个参数的一部分。`,
  fullWidth: (name, sign) =>
    `缺少 ${name}：地址中用了全角“${sign}”，它不起分隔作用，应写成半角“${sign.normalize('NFKC')}”。`,
  txTimeMilliseconds: 'txTime 用了毫秒；CSS 要求以秒为单位的十六进制数。',
  txTimeUnreadable: 'txTime 必须是以秒为单位的 Unix 时间，用十六进制或十进制表示。',
  txTime0x:
    'txTime 以“0x”开头。官方文档只写数字，没有说明 CSS 是否识别该前缀；请去掉它，计算 txSecret 时也一样。',
  expired: (span) => `推流时 txTime 已过期 ${span}。`,
  gracePeriod: '地址刚刚过期。在域名的有效期内，CSS 可能仍会接受；官方文档对此说法不一。',
  shorterThanSession:
    '地址会在直播结束前过期。推流不会因此中断，但过期后的第一次重连会被拒绝（18/501）。',
  expiresSoon: '地址的有效期不足 12 小时，过期后重连会被拒绝（18/501）。建议设为 12 到 24 小时。',
  longValidity: '地址的有效期超过一个月，在过期之前，任何拿到它的人都能推流。',
  secretLength: (length) =>
    `txSecret 必须是 32 个（MD5）或 64 个（SHA256）十六进制字符，现在有 ${length} 个字符。`,
  secretUpperCase: 'txSecret 含有大写字母，而官方文档中只有小写。',
  keyUnknown: (domain) =>
    `没有为${domain ? ` ${domain} ` : '该域名'}配置推流密钥，因此未检查 txSecret。`,
  secretWrong: (keys) =>
    `按此 StreamName 和 txTime 计算，txSecret 与${keys === 1 ? '已配置的密钥不匹配' : `已配置的 ${keys} 个密钥都不匹配`}。`,
  ipInsteadOfDomain: (address) => `地址中用的是 IP 地址 ${address}，而不是推流域名。`,
  noFullDomain: (quoted) => `${quoted} 不是完整的域名。`,
  domainMissing: 'streamid 中缺少 h=（推流域名）。',
  playbackDomain: (domain) =>
    `${domain} 是腾讯云的播放域名。一个域名只能用于推流或播放，请改用推流域名。CSS 也可能报 18/302。`,
  srtPort: (needed, port) =>
    `SRT 推流要用端口 ${needed}，${port === null ? '而地址中没有端口' : `而地址中是 ${port}`}。`,
  rtmpPort: ({ rtmp, overSrt, port }) =>
    `官方文档只列出 RTMP 用端口 ${rtmp}、RTMP over SRT 用端口 ${overSrt}，而地址中是 ${port}。`,
  isSrtPort: (port) => `端口 ${port} 用于 srt:// 地址。`,
  otherPort: (port, other, protocol) => `端口 ${port} 用于 ${other}，不能用于 ${protocol}。`,
  illegal: (what, quoted) => `${what} 含有不允许的字符 ${quoted}。`,
  unusual: (what, quoted) =>
    `${what} 含有 ${quoted.join('、')}。官方文档允许字母、数字和符号，但没有说明是哪些符号；“_”和“-”是安全的。`,
  secret: {
    made: (mistakes) => `计算 txSecret 时的错误：${mistakes.join('；')}。`,
    sha1: '用了 SHA1，应为 MD5 或 SHA256',
    sha512: '用了 SHA512，应为 MD5 或 SHA256',
    sha256Cut: 'SHA256 被截成了 32 个字符',
    md5Half: '用了 16 位的 MD5，应为 32 位',
    hmacMd5: '用了 HMAC-MD5，应为 MD5',
    hmacSha256: '用了 HMAC-SHA256，应为 SHA256',
    order: (order) => `按 ${order} 的顺序拼接，应为 key + StreamName + txTime`,
    keyLineBreak: '密钥末尾多了换行符',
    keySpace: '密钥末尾多了空格',
    noKey: '没有加入密钥',
    otherKey: (other, domain) => `用了 ${other} 的密钥，应为 ${domain} 的密钥`,
    txTimeLower: 'txTime 用了小写，而地址中是大写，两者必须一致',
    txTimeUpper: 'txTime 用了大写，而地址中是小写，两者必须一致',
    txTimeHex: 'txTime 用了十六进制，而地址中是十进制',
    txTimeDecimal: 'txTime 用了十进制，而地址中是十六进制',
    txTime0x: 'txTime 前面多了“0x”',
    noTxTime: '没有加入 txTime',
    txTimeLineBreak: 'txTime 末尾多了换行符（例如 `echo` 会加上）',
    partOfStream: (part, name) => `用了 StreamName ${part}，而地址中 AppName 之后是 ${name}`,
    appName: (quoted) => `用了带 AppName 的 ${quoted}，应只用 StreamName`,
    prefixRemoved: (quoted) => `StreamName 少了前缀 ${quoted}`,
    prefixAdded: (quotedName, prefix) =>
      `用了 StreamName ${quotedName}，而地址中缺少前缀“${prefix}”`,
    streamLower: 'StreamName 用了小写',
    streamUpper: 'StreamName 用了大写',
    streamEscaped: 'StreamName 被百分号编码了',
    noStream: '没有加入 StreamName',
  },
};
