import type { UrlStrings } from './url-strings.ts';

export const en: UrlStrings = {
  none: {
    shape: 'it must look like rtmp://domain/AppName/StreamName.',
    domain: 'the domain after :// is not valid.',
    userInfo:
      'a user name stands before the domain. CSS knows no user of a push; what allows it are txSecret and txTime after "?".',
    port: 'the port must be a number from 1 to 65535.',
    playback:
      'it is a playback URL (HTTP-FLV, HLS or DASH). Check the URL that the encoder pushes to; it begins with rtmp://, webrtc:// or srt://.',
    protocol: (name) => `the protocol ${name} is not supported.`,
    noStream:
      'StreamName is missing after AppName. OBS and others keep it, with its parameters, as the stream key beside the server; join both with "/".',
    noNames: 'AppName and StreamName are missing after the domain.',
    whipEndpoint:
      'it is the endpoint of WHIP, which is the same for every stream. The push URL is the webrtc:// text that the encoder sends as bearer token. Check that text.',
    escape: (what) => `${what} is not correctly percent-encoded.`,
    streamIdMissing: 'streamid is missing.',
    streamIdStart:
      'streamid must begin with #!::, as in #!::h=domain,r=AppName/StreamName,txSecret=…,txTime=….',
    streamIdAmpersand:
      'streamid has "&" between its parts; separate them with commas (#!::h=…,r=…,txSecret=…).',
    streamIdNames: 'r=AppName/StreamName is missing in streamid.',
    srtRequest:
      'm=request in streamid asks to play the stream, not to push it. Use m=publish, or leave m out.',
  },
  duplicate: (name, count) =>
    `${name} appears ${count} times with different values. The first one was checked.`,
  missing: (name) => `${name} is missing.`,
  secondQuestionMark: (name) =>
    `${name} is missing, because "?" appears twice: the text from the second "?" on belongs to another parameter.`,
  otherCase: (name, written) =>
    `${name} is missing; CSS does not read "${written}", because upper and lower case matter.`,
  misspelled: (name, written) => `${name} is missing; "${written}" is misspelled.`,
  escapedAmpersand: (name, written) =>
    `${name} is missing; "&" was written as "${written}", which CSS does not undo.`,
  insideAnother: (name) =>
    `${name} is missing; it is inside another parameter, because "&" or "=" was percent-encoded.`,
  fullWidth: (name, sign) =>
    `${name} is missing; the URL has the full-width "${sign}", which separates nothing. Write it as "${sign.normalize('NFKC')}".`,
  txTimeMilliseconds: 'txTime is in milliseconds; CSS expects seconds in hexadecimal.',
  txTimeUnreadable: 'txTime must be Unix seconds in hexadecimal or decimal.',
  txTime0x:
    'txTime begins with "0x". The documents show the digits alone, and do not say whether CSS reads the prefix. Leave it out, in txSecret too.',
  expired: (span) => `txTime expired ${span} before the push.`,
  gracePeriod:
    'The URL expired only recently. CSS may still accept it within the validity period of the domain; the documents disagree on this.',
  shorterThanSession:
    'The URL expires before the session ends. The push continues, but the first reconnect after the expiry is refused with 18/501.',
  expiresSoon:
    'The URL is valid for less than 12 hours. A reconnect after the expiry is refused with 18/501. Use 12 to 24 hours.',
  longValidity:
    'The URL is valid for more than a month. Anyone who gets it can push until it expires.',
  secretLength: (length) =>
    `txSecret must be 32 (MD5) or 64 (SHA256) hexadecimal characters; it has ${length} characters.`,
  secretUpperCase: 'txSecret has upper-case letters. The documents only show lower case.',
  keyUnknown: (domain) =>
    `No push key is configured for ${domain || 'this domain'}, so txSecret was not checked.`,
  secretWrong: (keys) =>
    `txSecret does not match ${keys === 1 ? 'the configured key' : `any of the ${keys} configured keys`} for exactly this StreamName and txTime.`,
  ipInsteadOfDomain: (address) => `The URL has the IP address ${address} instead of a push domain.`,
  noFullDomain: (quoted) => `${quoted} is not a full domain name.`,
  domainMissing: 'h= with the push domain is missing in streamid.',
  playbackDomain: (domain) =>
    `${domain} is a playback domain of Tencent Cloud. A domain is either for push or for playback; use the push domain. CSS may report 18/302 instead.`,
  srtPort: (needed, port) =>
    `SRT pushes need port ${needed}; the URL has ${port === null ? 'no port' : port}.`,
  rtmpPort: ({ rtmp, overSrt, port }) =>
    `The documents name only port ${rtmp} for RTMP and ${overSrt} for RTMP over SRT; the URL has ${port}.`,
  isSrtPort: (port) => ` Port ${port} is for srt:// URLs.`,
  otherPort: (port, other, protocol) => `Port ${port} is for ${other}, not for ${protocol}.`,
  illegal: (what, quoted) => `${what} contains ${quoted}.`,
  unusual: (what, quoted) =>
    `${what} contains ${quoted.join(', ')}. The documents allow letters, digits and symbols, but do not say which symbols. "_" and "-" are safe.`,
  secret: {
    made: (mistakes) => ` txSecret was made ${mistakes.join(', and ')}.`,
    sha1: 'with SHA1 instead of MD5 or SHA256',
    sha512: 'with SHA512 instead of MD5 or SHA256',
    sha256Cut: 'with SHA256 cut to 32 characters',
    md5Half: 'with 16 characters of the MD5 instead of 32',
    hmacMd5: 'with HMAC-MD5 instead of MD5',
    hmacSha256: 'with HMAC-SHA256 instead of SHA256',
    order: (order) => `from ${order} instead of key + StreamName + txTime`,
    keyLineBreak: 'with a line break after the key',
    keySpace: 'with a space after the key',
    noKey: 'without the key',
    otherKey: (other, domain) => `with the key of ${other} instead of the key of ${domain}`,
    txTimeLower: 'with txTime in lower case; the URL has upper case, and both must be equal',
    txTimeUpper: 'with txTime in upper case; the URL has lower case, and both must be equal',
    txTimeHex: 'with txTime in hexadecimal; the URL has it in decimal',
    txTimeDecimal: 'with txTime in decimal; the URL has it in hexadecimal',
    txTime0x: 'with "0x" before txTime',
    noTxTime: 'without txTime',
    txTimeLineBreak: 'with a line break after txTime, as `echo` adds it',
    partOfStream: (part, name) =>
      `for the StreamName ${part}; after the AppName, the URL has ${name}`,
    appName: (quoted) => `with AppName (${quoted}) instead of StreamName alone`,
    prefixRemoved: (quoted) => `without the prefix ${quoted} of the StreamName`,
    prefixAdded: (quotedName, prefix) =>
      `for the StreamName ${quotedName}; the prefix "${prefix}" is missing in the URL`,
    streamLower: 'with the StreamName in lower case',
    streamUpper: 'with the StreamName in upper case',
    streamEscaped: 'with the StreamName percent-encoded',
    noStream: 'without StreamName',
  },
};
