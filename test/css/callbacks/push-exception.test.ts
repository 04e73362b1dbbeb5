import { describe, expect, it } from 'vitest';
import { callbackEntry, parseCallback } from '../../../src/css/callbacks/callback.ts';
import {
  pushExceptionKeys,
  readPushExceptions,
} from '../../../src/css/callbacks/push-exception.ts';
import { readArrival } from '../../../src/css/read-arrival.ts';
import { NOON } from '../../helpers/arrived-end.ts';
import { pushExceptionCallback } from '../../helpers/push-exception-callback.ts';

const STREAM = { domain: 'push.example.com', app: 'live', stream: 'shop-17' };

function entryOf(body: Record<string, unknown>) {
  return callbackEntry('shop', parseCallback(body), NOON, []);
}

function isBetween(key: string, { from, to }: { from: string; to: string }): boolean {
  return key >= from && key < to;
}

describe('push exceptions in the journal', () => {
  it('are found by stream and time', () => {
    const { key } = entryOf(pushExceptionCallback(NOON));
    expect(isBetween(key, pushExceptionKeys(STREAM, NOON - 5_000, NOON + 1))).toBe(true);
    expect(isBetween(key, pushExceptionKeys(STREAM, NOON - 5_000, NOON))).toBe(false);
    expect(isBetween(key, pushExceptionKeys(STREAM, NOON + 1, NOON + 5_000))).toBe(false);
    for (const other of [{ stream: 'shop-18' }, { app: 'show' }, { domain: 'other.example.com' }]) {
      const keys = pushExceptionKeys({ ...STREAM, ...other }, NOON - 5_000, NOON + 5_000);
      expect(isBetween(key, keys)).toBe(false);
    }
  });

  it('have one entry per report, even if CSS repeats it', () => {
    const first = entryOf(pushExceptionCallback(NOON));
    const again = entryOf(pushExceptionCallback(NOON, { t: 1, sign: 'another' }));
    expect(again.key).toBe(first.key);
    expect(entryOf(pushExceptionCallback(NOON, { sequence: '7' })).key).not.toBe(first.key);
    expect(entryOf(pushExceptionCallback(NOON + 5_000)).key).not.toBe(first.key);
  });

  it('are stored with masked secrets, and are not breaks', () => {
    const entry = entryOf(pushExceptionCallback(NOON));
    expect(JSON.stringify(entry)).not.toContain('0123456789abcdef');
    expect(readArrival({ ...entry })).toEqual({ kind: 'other' });
  });

  it.each([
    { domain: undefined },
    { stream_id: 7 },
    { data_time: undefined },
    { data_time: 'soon' },
    { data_time: -1 },
  ])('are stored even if a field of the key is missing: %j', (change) => {
    const { key } = entryOf(pushExceptionCallback(NOON, change));
    expect(key).toMatch(/^[0-9a-f]{24}:321$/);
  });
});

describe('readPushExceptions', () => {
  it('reads type, time, count and detail', () => {
    expect(readPushExceptions(pushExceptionCallback(NOON))).toEqual([
      {
        at: NOON - 1_000,
        type: 6,
        description: {
          en: 'the arrive interval of two video frame is too long',
          zh: '视频帧到达时间间隔太大',
        },
        count: 2,
        detail: 'video frame arrive interval too long, interval=3046(msec)',
      },
    ]);
  });

  it('reads a detail that is a single object', () => {
    const abnormal_event = [{ type: 12, count: 3, detail: { desc: 'd2', occur_time: NOON } }];
    expect(readPushExceptions({ event_type: 321, abnormal_event })).toMatchObject([
      { at: NOON, type: 12, count: 3, detail: 'd2' },
    ]);
  });

  it('ignores missing and invalid fields', () => {
    const abnormal_event = [null, 'text', {}, { type: '15' }, { type: 3, detail: [null] }];
    expect(readPushExceptions({ data_time: NOON, abnormal_event })).toEqual([
      { at: NOON, type: 15, description: null, count: 1, detail: null },
      { at: NOON, type: 3, description: null, count: 1, detail: null },
    ]);
    expect(readPushExceptions({})).toEqual([]);
    expect(readPushExceptions({ abnormal_event: [{ type: 1 }] })).toEqual([]);
  });
});
