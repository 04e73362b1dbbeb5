import { createHash } from 'node:crypto';

/** Content of an interactive live stream: the camera (`main`) or a shared screen (`aux`). */
export const STREAM_TYPES = ['main', 'aux'] as const;
export type StreamType = (typeof STREAM_TYPES)[number];

/** The hash at the end of the stream code of a room and user. */
export function streamHash(room: string, user: string, type: StreamType): string {
  return createHash('md5').update(`${room}_${user}_${type}`, 'utf8').digest('hex');
}

const STREAM_CODE = /_([0-9a-f]{32})$/;

/** Reads the hash of a stream code, BIZID_MD5(room_user_type). Returns null for other StreamNames. */
export function hashOfStreamCode(stream: string): string | null {
  return STREAM_CODE.exec(stream)?.[1] ?? null;
}

/**
 * Computes the stream code of bypass live, BIZID_MD5(room_user_type). It is the StreamName of a
 * stream that has a room and a user, which cannot be computed back from it.
 *
 * @param bizid - the account's number in the CSS console
 */
export function computeStreamCode(
  bizid: string,
  room: string,
  user: string,
  type: StreamType,
): string {
  return `${bizid}_${streamHash(room, user, type)}`;
}

/** URLs for playing a stream. */
export interface PlayUrls {
  rtmp: string;
  flv: string;
  hls: string;
}

/**
 * Builds the URLs for playing a stream code.
 *
 * @param domain - play domain. Default: `BIZID.liveplay.myqcloud.com`, the domain of bypass live
 */
export function playUrls(streamCode: string, domain?: string, app = 'live'): PlayUrls {
  const host = domain ?? `${streamCode.split('_', 1)[0]}.liveplay.myqcloud.com`;
  const path = `${host}/${app}/${streamCode}`;
  return { rtmp: `rtmp://${path}`, flv: `http://${path}.flv`, hls: `http://${path}.m3u8` };
}
