import type { Facts } from './facts.ts';

/** Whose stream it is, for people: from the directory or the push URL. */
export interface StreamLabel {
  /** For a heading: `14y2l2c in room 293710 (screen)`. */
  name: string;
  room: string | null;
  user: string | null;
  /** `main` is the camera, `aux` a shared screen. */
  type: string | null;
  team: string | null;
  vip: boolean;
  contact: string | null;
}

/** Reads a stream's label from the facts of a break; null when nobody named the stream. */
export function streamLabel(facts: Facts): StreamLabel | null {
  const text = (name: string) => {
    const value = facts[name];
    return value === undefined || value === '' ? null : String(value);
  };
  const room = text('room');
  const user = text('user');
  const type = text('streamType');
  const team = text('team');
  const contact = text('contact');
  const recordId = text('recordId');
  const vip = facts.vip === true;
  const place = room === null ? null : `room ${room}`;
  const who = user !== null && place !== null ? `${user} in ${place}` : (user ?? place);
  const name = who ?? (recordId === null ? null : `record ${recordId}`) ?? team ?? contact;
  if (name === null && !vip) {
    return null;
  }
  return {
    name: `${name ?? 'VIP'}${type === 'aux' ? ' (screen)' : ''}`,
    room,
    user,
    type,
    team,
    vip,
    contact,
  };
}
