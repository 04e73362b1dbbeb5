/**
 * One record of DescribeLiveStreamEventList: a push that is over, or was refused (source: the
 * typings of the official SDK). The API tells no code, sequence, node or push-URL parameter.
 */
export interface StreamEventInfo {
  StreamName: string;
  DomainName?: string;
  AppName?: string;
  /** UTC, `2019-01-07T12:00:00Z`. */
  StreamStartTime?: string;
  StreamEndTime?: string;
  StopReason?: string;
  /** Seconds; 0 for a refused push. */
  Duration?: number;
  /** `-` when the push came from a private network. */
  ClientIp?: string;
  /** `640*352`. */
  Resolution?: string;
}

/** One push of DescribeLiveStreamOnlineList. */
export interface OnlineStream {
  domain: string;
  app: string;
  stream: string;
  /** When the push began, epoch ms UTC; several when several pushers share the name. */
  publishedAt: number[];
}
