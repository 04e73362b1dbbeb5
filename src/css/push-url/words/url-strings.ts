type AuthParam = 'txTime' | 'txSecret';
type Name = 'StreamName' | 'AppName';

/** How a wrong txSecret was made: the parts of one sentence. */
export interface SecretStrings {
  /** The sentence with its parts. */
  made(mistakes: readonly string[]): string;
  sha1: string;
  sha512: string;
  sha256Cut: string;
  md5Half: string;
  hmacMd5: string;
  hmacSha256: string;
  /** @param order - such as `StreamName + key + txTime` */
  order(order: string): string;
  keyLineBreak: string;
  keySpace: string;
  noKey: string;
  otherKey(other: string, domain: string): string;
  txTimeLower: string;
  txTimeUpper: string;
  txTimeHex: string;
  txTimeDecimal: string;
  txTime0x: string;
  noTxTime: string;
  txTimeLineBreak: string;
  partOfStream(quotedPart: string, quotedName: string): string;
  appName(quoted: string): string;
  prefixRemoved(quoted: string): string;
  prefixAdded(quotedName: string, prefix: string): string;
  streamLower: string;
  streamUpper: string;
  streamEscaped: string;
  noStream: string;
}

/** Why a text is no push URL. */
export interface NoUrlStrings {
  shape: string;
  domain: string;
  userInfo: string;
  port: string;
  playback: string;
  protocol(name: string): string;
  noStream: string;
  noNames: string;
  whipEndpoint: string;
  /** @param what - the part that is not correctly percent-encoded */
  escape(what: string): string;
  streamIdMissing: string;
  streamIdStart: string;
  streamIdAmpersand: string;
  streamIdNames: string;
  srtRequest: string;
}

/** All sentences about a push URL in one language. */
export interface UrlStrings {
  none: NoUrlStrings;
  duplicate(name: string, count: number): string;
  missing(name: AuthParam): string;
  secondQuestionMark(name: AuthParam): string;
  otherCase(name: AuthParam, written: string): string;
  misspelled(name: AuthParam, written: string): string;
  escapedAmpersand(name: AuthParam, written: string): string;
  insideAnother(name: AuthParam): string;
  /** @param sign - a full-width sign */
  fullWidth(name: AuthParam, sign: string): string;
  txTimeMilliseconds: string;
  txTimeUnreadable: string;
  txTime0x: string;
  expired(span: string): string;
  gracePeriod: string;
  shorterThanSession: string;
  expiresSoon: string;
  longValidity: string;
  secretLength(length: number): string;
  secretUpperCase: string;
  /** @param domain - empty when the URL has none */
  keyUnknown(domain: string): string;
  secretWrong(keys: number): string;
  ipInsteadOfDomain(address: string): string;
  noFullDomain(quoted: string): string;
  domainMissing: string;
  playbackDomain(domain: string): string;
  srtPort(needed: number, port: number | null): string;
  rtmpPort(ports: { rtmp: number; overSrt: number; port: number }): string;
  isSrtPort(port: number): string;
  otherPort(port: number, other: string, protocol: string): string;
  illegal(what: Name, quoted: string): string;
  unusual(what: Name, quoted: readonly string[]): string;
  secret: SecretStrings;
}
