import { describe, expect, it } from 'vitest';
import { importEntry, parseEventLine } from '../../../src/css/import/import-entry.ts';
import { readArrival } from '../../../src/css/read-arrival.ts';
import { signedCallback } from '../../helpers/signed-callback.ts';

const NOW = Date.UTC(2026, 2, 1, 12);

function endOf(value: unknown) {
  const arrival = readArrival(parseEventLine(value, NOW));
  if (arrival.kind !== 'end') {
    throw new Error(`an end is expected, not ${arrival.kind}`);
  }
  return arrival.event;
}

describe('parseEventLine', () => {
  it('reads an API record', () => {
    const end = endOf({
      StreamName: 'shop-17',
      DomainName: 'push.example.com',
      AppName: 'live',
      StreamStartTime: '2026-03-01T11:00:00Z',
      StreamEndTime: '2026-03-01T11:30:00Z',
      StopReason: '推流链路网络异常',
      Duration: 1800,
    });
    expect(end).toMatchObject({
      stream: 'shop-17',
      endedAt: Date.UTC(2026, 2, 1, 11, 30),
      durationMs: 1_800_000,
      reasonText: '推流链路网络异常',
    });
  });

  it('reads a callback body of any age, and masks it', () => {
    const at = NOW - 86_400_000;
    const body = signedCallback({ at, change: { errcode: 12 } });
    expect(endOf(body)).toMatchObject({ endedAt: at, code: { errcode: 12, subErrcode: null } });
    expect(JSON.stringify(parseEventLine(body, NOW))).not.toContain(body.sign);
  });

  it('reads only a reason, a bypass code or a code', () => {
    expect(endOf({ reasonText: '推流时间戳参数值已过期' })).toMatchObject({
      reasonText: '推流时间戳参数值已过期',
      code: null,
      endedAt: NOW,
      startedAt: null,
      stream: '',
    });
    expect(endOf({ bypassCode: 6012 }).bypassCode).toBe(6012);
    expect(endOf({ errcode: 18, subErrcode: 501 }).code).toEqual({ errcode: 18, subErrcode: 501 });
    expect(endOf({ errcode: 12 }).code).toEqual({ errcode: 12, subErrcode: null });
    expect(endOf({ errcode: 18, errmsg: 'push url maybe invalid' }).reasonText).toBe(
      'push url maybe invalid',
    );
  });

  it.each([
    [5, 'must be a JSON object'],
    [null, 'must be a JSON object'],
    [[{ bypassCode: 6012 }], 'must be a JSON object'],
    [{}, 'must have one of event_type'],
    [{ reason: 'x' }, 'must have one of event_type'],
    [{ reasonText: 7 }, 'reasonText must be a string'],
    [{ bypassCode: 'many' }, 'bypassCode must be a whole number'],
    [{ errcode: 1.5 }, 'errcode must be a whole number'],
    [{ StreamName: 's', StreamEndTime: 'yesterday' }, 'StreamEndTime must be a UTC time'],
    [{ event_type: 0 }, 'app is missing'],
  ])('rejects %j with the problem', (value, problem) => {
    expect(() => parseEventLine(value, NOW)).toThrow(problem);
  });
});

describe('importEntry', () => {
  it.each([
    [{ EventGroupId: 4, EventType: 401, EventInfo: { RoomId: '1' } }, 'a TRTC callback'],
    [{ streamId: 'a', screenshotTime: 1_785_900_000 }, 'a moderation result'],
  ])('names the callback of another product: %j', (body, name) => {
    expect(() => importEntry('main', body, NOW, [])).toThrow(
      expect.objectContaining({
        code: 'CALLBACK_OF_OTHER_PRODUCT',
        message: expect.stringContaining(name),
      }),
    );
  });
});
