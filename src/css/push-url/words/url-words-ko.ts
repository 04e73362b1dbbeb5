import type { UrlStrings } from './url-strings.ts';

export const ko: UrlStrings = {
  none: {
    shape: 'rtmp://도메인/AppName/StreamName 형식이어야 합니다.',
    domain: ':// 뒤의 도메인이 올바르지 않습니다.',
    userInfo:
      '도메인 앞에 사용자 이름이 있습니다. CSS 푸시에는 사용자 이름이 없으며 "?" 뒤의 txSecret과 txTime으로 인증합니다.',
    port: '포트는 1부터 65535까지의 숫자여야 합니다.',
    playback:
      '재생 URL(HTTP-FLV, HLS, DASH)입니다. 인코더가 푸시하는 URL을 확인하세요. rtmp://, webrtc://, srt:// 중 하나로 시작합니다.',
    protocol: (name) => `프로토콜 ${name}: 지원하지 않습니다.`,
    noStream:
      'AppName 뒤에 StreamName이 없습니다. OBS 등은 서버와 따로 "스트림 키"에 매개변수와 함께 둡니다. 둘을 "/"로 이으세요.',
    noNames: '도메인 뒤에 AppName과 StreamName이 없습니다.',
    whipEndpoint:
      'WHIP 엔드포인트이며 모든 스트림에서 같습니다. 푸시 URL은 인코더가 Bearer 토큰으로 보내는 webrtc:// 텍스트입니다. 그 텍스트를 확인하세요.',
    escape: (what) => `${what}의 퍼센트 인코딩이 올바르지 않습니다.`,
    streamIdMissing: 'streamid가 없습니다.',
    streamIdStart:
      'streamid는 #!::로 시작해야 합니다(예: #!::h=도메인,r=AppName/StreamName,txSecret=…,txTime=…).',
    streamIdAmpersand:
      'streamid의 각 부분이 "&"로 나뉘어 있습니다. 쉼표로 나누세요(#!::h=…,r=…,txSecret=…).',
    streamIdNames: 'streamid에 r=AppName/StreamName이 없습니다.',
    srtRequest:
      'streamid의 m=request는 푸시가 아니라 재생 요청입니다. m=publish로 바꾸거나 m을 빼세요.',
  },
  duplicate: (name, count) =>
    `${name} 매개변수가 서로 다른 값으로 ${count}번 나옵니다. 첫 번째 값만 확인했습니다.`,
  missing: (name) => `${name} 매개변수가 없습니다.`,
  secondQuestionMark: (name) =>
    `${name} 매개변수가 없습니다. "?"가 두 번 나와서 두 번째 "?"부터는 다른 매개변수의 값이 됩니다.`,
  otherCase: (name, written) =>
    `${name} 매개변수가 없습니다. 대소문자를 구분하므로 CSS는 "${written}" 매개변수를 읽지 않습니다.`,
  misspelled: (name, written) => `${name} 매개변수가 없습니다. "${written}"의 철자가 틀렸습니다.`,
  escapedAmpersand: (name, written) =>
    `${name} 매개변수가 없습니다. "&"가 "${written}"로 쓰여 있으며 CSS는 이를 되돌리지 않습니다.`,
  insideAnother: (name) =>
    `${name} 매개변수가 없습니다. "&"나 "="가 퍼센트 인코딩되어 다른 매개변수 안에 들어 있습니다.`,
  fullWidth: (name, sign) =>
    `${name} 매개변수가 없습니다. URL에 전각 "${sign}"이(가) 있어 구분 기호가 되지 못합니다. 반각 "${sign.normalize('NFKC')}"(으)로 쓰세요.`,
  txTimeMilliseconds: 'txTime이 밀리초 단위입니다. CSS에는 16진수 초 단위 값이 필요합니다.',
  txTimeUnreadable: 'txTime은 16진수나 10진수로 쓴 Unix 시간(초)이어야 합니다.',
  txTime0x:
    'txTime이 "0x"로 시작합니다. 문서의 예는 숫자뿐이며 CSS가 이 접두사를 읽는지는 밝히지 않습니다. txSecret 계산에서도 빼세요.',
  expired: (span) => `txTime이 푸시 ${span} 전에 만료되었습니다.`,
  gracePeriod:
    'URL이 방금 만료되었습니다. 도메인의 유효 기간 안에서는 CSS가 아직 받아들일 수도 있지만 문서의 설명이 서로 다릅니다.',
  shorterThanSession:
    'URL이 방송이 끝나기 전에 만료됩니다. 푸시는 계속되지만 만료 후 첫 재연결은 18/501로 거부됩니다.',
  expiresSoon:
    'URL의 유효 기간이 12시간 미만입니다. 만료 후 재연결은 18/501로 거부됩니다. 12~24시간으로 하세요.',
  longValidity:
    'URL의 유효 기간이 한 달을 넘습니다. URL을 손에 넣은 사람은 누구나 만료될 때까지 푸시할 수 있습니다.',
  secretLength: (length) =>
    `txSecret은 16진수 32자(MD5)나 64자(SHA256)여야 하는데 ${length}자입니다.`,
  secretUpperCase: 'txSecret에 대문자가 있습니다. 문서의 예는 모두 소문자입니다.',
  keyUnknown: (domain) =>
    `${domain || '이 도메인'}의 푸시 인증 키가 설정되어 있지 않아 txSecret을 확인하지 않았습니다.`,
  secretWrong: (keys) =>
    `이 StreamName과 txTime으로 계산하면 txSecret이 ${keys === 1 ? '설정된 키와' : `설정된 키 ${keys}개 중 어느 것과도`} 일치하지 않습니다.`,
  ipInsteadOfDomain: (address) => `URL에 푸시 도메인이 아닌 IP 주소 ${address}가 있습니다.`,
  noFullDomain: (quoted) => `${quoted}: 완전한 도메인 이름이 아닙니다.`,
  domainMissing: 'streamid에 h=(푸시 도메인)가 없습니다.',
  playbackDomain: (domain) =>
    `${domain}: Tencent Cloud의 재생 도메인입니다. 도메인은 푸시용이나 재생용 중 하나이므로 푸시 도메인을 쓰세요. CSS가 18/302로 보고할 수도 있습니다.`,
  srtPort: (needed, port) =>
    `SRT 푸시에는 포트 ${needed}이 필요한데 URL에는 ${port === null ? '포트가 없습니다' : `${port}로 되어 있습니다`}.`,
  rtmpPort: ({ rtmp, overSrt, port }) =>
    `문서에 나온 포트는 RTMP ${rtmp}, RTMP over SRT ${overSrt}뿐인데 URL의 포트는 ${port}입니다.`,
  isSrtPort: (port) => ` 포트 ${port}은 srt:// URL용입니다.`,
  otherPort: (port, other, protocol) => `포트 ${port}: ${protocol}용이 아니라 ${other}용입니다.`,
  illegal: (what, quoted) => `${what}에 쓸 수 없는 문자 ${quoted}이(가) 있습니다.`,
  unusual: (what, quoted) =>
    `${what}에 ${quoted.join(', ')}이(가) 있습니다. 문서는 문자, 숫자, 기호를 허용하지만 어떤 기호인지는 밝히지 않습니다. "_"와 "-"는 안전합니다.`,
  secret: {
    made: (mistakes) => ` txSecret 계산의 잘못: ${mistakes.join('; ')}.`,
    sha1: 'MD5나 SHA256이 아닌 SHA1을 썼습니다',
    sha512: 'MD5나 SHA256이 아닌 SHA512를 썼습니다',
    sha256Cut: 'SHA256을 32자로 잘랐습니다',
    md5Half: 'MD5가 32자가 아닌 16자입니다',
    hmacMd5: 'MD5가 아닌 HMAC-MD5를 썼습니다',
    hmacSha256: 'SHA256이 아닌 HMAC-SHA256을 썼습니다',
    order: (order) => `key + StreamName + txTime 순서가 아닌 ${order} 순서로 이었습니다`,
    keyLineBreak: '키 뒤에 줄바꿈이 들어갔습니다',
    keySpace: '키 뒤에 공백이 들어갔습니다',
    noKey: '키가 빠졌습니다',
    otherKey: (other, domain) => `${domain}의 키가 아닌 ${other}의 키를 썼습니다`,
    txTimeLower: 'txTime을 소문자로 썼는데 URL에서는 대문자이며, 둘은 같아야 합니다',
    txTimeUpper: 'txTime을 대문자로 썼는데 URL에서는 소문자이며, 둘은 같아야 합니다',
    txTimeHex: 'txTime을 16진수로 썼는데 URL에서는 10진수입니다',
    txTimeDecimal: 'txTime을 10진수로 썼는데 URL에서는 16진수입니다',
    txTime0x: 'txTime 앞에 "0x"가 붙었습니다',
    noTxTime: 'txTime이 빠졌습니다',
    txTimeLineBreak: 'txTime 뒤에 줄바꿈이 들어갔습니다(`echo`가 붙이는 것 등)',
    partOfStream: (part, name) =>
      `StreamName ${part}(으)로 계산했는데 URL에서 AppName 뒤는 ${name}입니다`,
    appName: (quoted) => `StreamName만이 아니라 AppName이 들어간 ${quoted} 값을 썼습니다`,
    prefixRemoved: (quoted) => `StreamName의 접두사 ${quoted} 부분이 빠졌습니다`,
    prefixAdded: (quotedName, prefix) =>
      `StreamName ${quotedName}(으)로 계산했는데 URL에는 접두사 "${prefix}" 부분이 없습니다`,
    streamLower: 'StreamName을 소문자로 바꿨습니다',
    streamUpper: 'StreamName을 대문자로 바꿨습니다',
    streamEscaped: 'StreamName을 퍼센트 인코딩했습니다',
    noStream: 'StreamName이 빠졌습니다',
  },
};
