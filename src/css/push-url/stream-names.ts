import type { FactValue } from '../../model/facts.ts';
import { hashOfStreamCode, STREAM_TYPES, streamHash } from './stream-code.ts';

/** Push URL parameters for the room, the user and the recording: lower case, only letters. */
const ROOM_KEYS = ['groupid', 'roomid', 'room', 'strroomid'];
const USER_KEYS = ['userid', 'user', 'uid'];
/** The documents say cliRecId, but real callbacks also have cliRecoId. */
const RECORD_KEYS = ['clirecid', 'clirecoid'];

/** Longer values are ignored. */
const MAX_NAME_LENGTH = 128;

/**
 * Reads room, user, streamType and recordId from the parameters of a push URL. Relays of interactive
 * live send `groupid`, `userid` (in Base64) and `cliRecId`. If the StreamName is a stream code, the
 * room and user that match its hash are used, because the match proves them.
 *
 * @param streamParam - query of the push URL
 */
export function deriveStreamNames(streamParam: string, stream: string): Record<string, FactValue> {
  const params = readParams(streamParam);
  const rooms = valuesOf(params, ROOM_KEYS);
  const users = valuesOf(params, USER_KEYS).flatMap((user) => {
    const decoded = decodeUser(user);
    return decoded === null ? [user] : [decoded, user];
  });
  const [recordId] = valuesOf(params, RECORD_KEYS).filter((id) => id !== '0');
  const names: Record<string, FactValue> = recordId === undefined ? {} : { recordId };
  const proven = findProvenNames(rooms, users, hashOfStreamCode(stream));
  if (proven) {
    return { ...names, ...proven };
  }
  const [room] = rooms.filter((one) => one !== '0');
  // Relays send Base64. Parameters that users add are plain text.
  const isRelay = params.get('from') === 'interactive';
  const [user] = isRelay ? users : valuesOf(params, USER_KEYS);
  return {
    ...names,
    ...(room === undefined ? {} : { room }),
    ...(user === undefined ? {} : { user }),
  };
}

function readParams(streamParam: string): Map<string, string> {
  const params = new Map<string, string>();
  for (const part of streamParam.split(/[?&,;]/)) {
    const equals = part.indexOf('=');
    const name = part
      .slice(0, Math.max(0, equals))
      .toLowerCase()
      .replace(/[^a-z]/g, '');
    const value = decode(part.slice(equals + 1).trim());
    if (name !== '' && value !== '' && value.length <= MAX_NAME_LENGTH && !params.has(name)) {
      params.set(name, value);
    }
  }
  return params;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function valuesOf(params: ReadonlyMap<string, string>, keys: readonly string[]): string[] {
  return keys.flatMap((key) => params.get(key) ?? []);
}

function decodeUser(text: string): string | null {
  const bytes = Buffer.from(text, 'base64');
  const normalize = (one: string) => one.replace(/=+$/, '').replace(/-/g, '+').replace(/_/g, '/');
  if (bytes.length === 0 || normalize(bytes.toString('base64')) !== normalize(text)) {
    return null;
  }
  try {
    const user = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return /[\p{Cc}\p{Cn}\p{Co}]/u.test(user) ? null : user;
  } catch {
    return null;
  }
}

function findProvenNames(
  rooms: readonly string[],
  users: readonly string[],
  hash: string | null,
): Record<string, FactValue> | undefined {
  if (hash === null) {
    return undefined;
  }
  for (const room of rooms) {
    for (const user of users) {
      for (const type of STREAM_TYPES) {
        if (streamHash(room, user, type) === hash) {
          return { room, user, streamType: type };
        }
      }
    }
  }
  return undefined;
}
