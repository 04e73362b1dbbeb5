import { importEntry } from '../../src/css/import/import-entry.ts';
import { computeTxSecret } from '../../src/css/push-url/push-url.ts';
import type { JournalEntry } from '../../src/model/break.ts';
import { fill } from './chain.ts';
import { PUSH_KEYS } from './chain-messages.ts';
import { type Member, membersOf, type Sequence, type Step } from './third-exam.ts';

/** A message and when it arrives, epoch ms UTC. */
export interface Message {
  entry: JournalEntry;
  arrivesAt: number;
}

const DAY = 86_400_000;
const RIGHT_KEY = PUSH_KEYS[0]?.key ?? '';

/**
 * Makes the journal entries of a sequence, in order of arrival.
 *
 * @param moment0 - epoch ms UTC
 * @param faults - gets a line for each message that should have been refused or accepted and was not
 */
export function messagesOf(sequence: Sequence, moment0: number, faults: string[]): Message[] {
  const messages = sequence.seen.flatMap((step) =>
    membersOf(sequence, step.on).flatMap((member) =>
      Array.from({ length: step.times ?? 1 }, (_unused, turn) => {
        const share = (member.index - 1) / (member.group.count ?? 1);
        const seconds = step.at + (step.spread ?? 0) * share + turn * (step.every ?? 0);
        const at = moment0 + Math.round(seconds * 1_000);
        const arrivesAt = at + (step.arrives ?? 1) * 1_000;
        const push = (step.push ?? 1) + (step.times ? turn / 1_000 : 0);
        const body = bodyOf(sequence, step, { member, at, push, moment0 });
        return { step, member, body, arrivesAt };
      }),
    ),
  );
  return messages
    .sort((a, b) => a.arrivesAt - b.arrivesAt)
    .flatMap(({ step, member, body, arrivesAt }) => {
      const { rejects } = step;
      try {
        const entry = importEntry(member.account, body, arrivesAt, PUSH_KEYS);
        if (rejects !== undefined) {
          faults.push(`a message that must be refused (${rejects}) was accepted`);
          return [];
        }
        return [{ entry, arrivesAt }];
      } catch (error) {
        if (rejects === undefined || !new RegExp(rejects, 'i').test(String(error))) {
          faults.push(`refused with ${error}`);
        }
        return [];
      }
    });
}

interface Sent {
  member: Member;
  /** Epoch ms UTC. */
  at: number;
  push: number;
  moment0: number;
}

function bodyOf(sequence: Sequence, step: Step, sent: Sent): unknown {
  if (step.other) {
    return otherBody(step.other, sent);
  }
  const { member, at, push } = sent;
  const { group, name, index } = member;
  const domain = fill(group.domain ?? 'push.example.com', index);
  const ip = fill(step.ip ?? group.ip ?? '203.0.113.7', index);
  const liveMs = step.live === undefined ? liveSince(sequence, step, sent) : step.live * 1_000;
  if (step.record !== undefined) {
    return {
      StreamName: name,
      DomainName: domain,
      AppName: group.app ?? 'live',
      StreamStartTime: utc(at - liveMs),
      StreamEndTime: utc(at),
      StopReason: step.record,
      Duration: Math.round(liveMs / 1_000),
      ClientIp: ip,
      ...(liveMs > 0 && { Resolution: '1280*720' }),
    };
  }
  return {
    event_type: step.begin ? 1 : 0,
    appid: 1250000000,
    app: domain,
    appname: group.app ?? 'live',
    stream_id: name,
    channel_id: name,
    event_time: Math.floor(at / 1_000),
    sequence: sequenceOf(sent.moment0, name, push),
    node: fill(step.node ?? group.node ?? '192.0.2.1', index),
    user_ip: ip,
    stream_param: queryOf(step, member, sent.moment0),
    errcode: step.end ?? 0,
    errmsg: step.errmsg ?? (step.begin ? 'ok' : ''),
    ...(step.begin ? {} : { push_duration: String(liveMs) }),
    set_id: 2,
    width: liveMs > 0 || step.begin ? 1280 : 0,
    height: liveMs > 0 || step.begin ? 720 : 0,
  };
}

/** How long the push was live, by the script: 0 for a push without a begin. Milliseconds. */
function liveSince(sequence: Sequence, { on }: Step, { member, at, push, moment0 }: Sent): number {
  const begin = sequence.seen.find(
    (one) => one.begin && one.on === on && (one.push ?? 1) === push && !one.times,
  );
  if (!begin) {
    return 0;
  }
  const share = (member.index - 1) / (member.group.count ?? 1);
  return Math.max(0, at - moment0 - Math.round((begin.at + (begin.spread ?? 0) * share) * 1_000));
}

function queryOf({ url = {} }: Step, { group, name }: Member, moment0: number): string {
  if (url.raw !== undefined) {
    return url.raw;
  }
  const expiresIn = url.expiresIn ?? group.expiresIn ?? 86_400;
  const txTime = Math.floor(moment0 / 1_000 + expiresIn).toString(16);
  const key = (url.secret ?? group.secret) === 'wrong' ? 'another-key' : RIGHT_KEY;
  return `txSecret=${computeTxSecret(key, name, txTime)}&txTime=${txTime}`;
}

/** Fills the event's time and sequence into a body that is given whole. */
function otherBody(body: Record<string, unknown>, { member, at, push, moment0 }: Sent): unknown {
  const text = JSON.stringify(body, (_key, value) => {
    if (value === 'AT') {
      return Math.floor(at / 1_000);
    }
    return typeof value === 'number' && value < 0 && Number.isInteger(value / 1_000)
      ? moment0 + value
      : value;
  });
  return JSON.parse(text.replaceAll('"SEQ"', `"${sequenceOf(moment0, member.name, push)}"`));
}

function sequenceOf(moment0: number, name: string, push: number): string {
  return `${moment0 / DAY}-${name}-${push}`;
}

function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
