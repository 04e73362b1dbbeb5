import { createHash } from 'node:crypto';

/** What a stream of interactive live shows: the camera, or a shared screen. */
export const STREAM_TYPES = ['main', 'aux'] as const;
export type StreamType = (typeof STREAM_TYPES)[number];

/** The hash that a stream code of this room and user ends with. */
export function streamHash(room: string, user: string, type: StreamType): string {
  return createHash('md5').update(`${room}_${user}_${type}`, 'utf8').digest('hex');
}

const STREAM_CODE = /_([0-9a-f]{32})$/;

/** The hash of a stream code, BIZID_MD5(room_user_type); null for other StreamNames. */
export function hashOfStreamCode(stream: string): string | null {
  return STREAM_CODE.exec(stream)?.[1] ?? null;
}

/**
 * Computes the stream code of bypass live, BIZID_MD5(room_user_type): the StreamName of a stream
 * that is named by room and user. It can not be turned back, only computed again.
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

/** Addresses to play a stream. */
export interface PlayUrls {
  rtmp: string;
  flv: string;
  hls: string;
}

/**
 * Builds the addresses to play a stream code.
 *
 * @param domain - play domain; bypass live's own `BIZID.liveplay.myqcloud.com` when absent
 */
export function playUrls(streamCode: string, domain?: string, app = 'live'): PlayUrls {
  const host = domain ?? `${streamCode.split('_', 1)[0]}.liveplay.myqcloud.com`;
  const path = `${host}/${app}/${streamCode}`;
  return { rtmp: `rtmp://${path}`, flv: `http://${path}.flv`, hls: `http://${path}.m3u8` };
}
