import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Cell, Frame } from '../../../src/model/frame.ts';
import type { AnnotationsQuery } from '../../../src/model/query.ts';
import { answerAnnotations } from '../../../src/queries/annotations/annotations.ts';
import { breakRecord, HOUR, MINUTE, NOON, SECOND } from '../../helpers/break-record.ts';
import { expectGolden } from '../../helpers/golden-frames.ts';
import { queryContext } from '../../helpers/query-context.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';

/** One hour from noon; the clock of the tests stands at its end. */
const RANGE = { from: NOON, to: NOON + HOUR };

const NETWORK = {
  reason: 'network',
  category: 'network',
  outcome: 'broken',
  severity: 'warning',
} as const;

describe('answerAnnotations of breaks', () => {
  let temporary: TemporaryStore;
  beforeAll(async () => {
    temporary = await openTemporaryStore();
  });
  afterEach(() => temporary.empty());
  afterAll(() => temporary.remove());

  const ask = async (query: Partial<AnnotationsQuery> = {}, range = RANGE): Promise<Frame> => {
    const [frame, ...more] = await answerAnnotations(
      { refId: 'A', queryType: 'annotations', breaks: true, ...query },
      range,
      queryContext(temporary.store),
    );
    expect(more).toEqual([]);
    return frame as Frame;
  };
  const column = (frame: Frame, name: string): Cell[] =>
    frame.fields.find((field) => field.name === name)?.values ?? [];

  it('answers as recorded', async () => {
    await temporary.insert(
      breakRecord('a', { event: { endedAt: NOON + MINUTE, recoveredAt: NOON + 3 * MINUTE } }),
      breakRecord('b', {
        rule: 'network/link-lost',
        event: { endedAt: NOON + 20 * MINUTE, stream: 'a,b', facts: { stream: 'a,b' } },
        verdict: NETWORK,
      }),
    );
    expectGolden([await ask()], 'annotations');
    expectGolden([await ask({ language: 'zh' })], 'annotations-zh');
  });

  it('has every break that overlaps the range, wherever it starts or ends', async () => {
    const span = (id: string, endedAt: number, recoveredAt: number | null) =>
      breakRecord(id, { event: { endedAt, recoveredAt, stream: id } });
    await temporary.insert(
      span('before', NOON - 2 * HOUR, NOON - HOUR),
      span('touching', NOON - HOUR, NOON + MINUTE),
      span('around', NOON - 2 * HOUR, NOON + 2 * HOUR),
      span('inside', NOON + MINUTE, NOON + 2 * MINUTE),
      span('open', NOON - 30 * MINUTE, null),
      span('after', NOON + HOUR + 1, null),
    );
    const frame = await ask();
    expect(column(frame, 'id')).toEqual(['around', 'touching', 'open', 'inside']);
    expect(column(frame, 'timeEnd')).toEqual([
      NOON + 2 * HOUR,
      NOON + MINUTE,
      NOON + HOUR,
      NOON + 2 * MINUTE,
    ]);
  });

  it('ends a break without recovery now when the range ends later', async () => {
    await temporary.insert(breakRecord('open'));
    const frame = await ask({}, { from: NOON - HOUR, to: NOON + 5 * HOUR });
    expect(column(frame, 'timeEnd')).toEqual([NOON + HOUR]);
    expect(column(frame, 'isRegion')).toEqual([true]);
  });

  it('draws normal ends only on request, and as lines', async () => {
    await temporary.insert(breakRecord('end', { verdict: { outcome: 'ended' } }));
    expect(column(await ask(), 'id')).toEqual([]);
    const frame = await ask({ filters: { outcome: ['ended'] } });
    expect(column(frame, 'isRegion')).toEqual([false]);
    expect(column(frame, 'timeEnd')).toEqual([NOON]);
  });

  it('merges a loop of refusals of one stream into one region', async () => {
    const retries = Array.from({ length: 30 }, (_unused, index) =>
      breakRecord(`r${index}`, {
        event: { endedAt: NOON + index * 10 * SECOND, recoveredAt: NOON + 10 * MINUTE },
      }),
    );
    await temporary.insert(...retries);
    const frame = await ask();
    expect(column(frame, 'time')).toEqual([NOON]);
    expect(column(frame, 'timeEnd')).toEqual([NOON + 10 * MINUTE]);
    expect(column(frame, 'title')).toEqual(['The push URL expired ×30']);
    expect(column(frame, 'text')[0]).toContain('30 breaks of 1 stream.');
  });

  it('does not merge another stream, another cause or a later break', async () => {
    const short = { recoveredAt: NOON + MINUTE };
    await temporary.insert(
      breakRecord('a', { event: short }),
      breakRecord('other stream', {
        event: { endedAt: NOON + 5 * SECOND, recoveredAt: NOON + 2 * MINUTE, stream: 'shop-18' },
      }),
      breakRecord('other cause', { event: short, verdict: NETWORK, rule: 'network/link-lost' }),
      breakRecord('later', {
        event: { endedAt: NOON + 30 * MINUTE, recoveredAt: NOON + 31 * MINUTE },
      }),
    );
    expect(column(await ask(), 'id')).toHaveLength(4);
  });

  it('merges breaks of several streams that look like one on the screen', async () => {
    const alike = Array.from({ length: 40 }, (_unused, index) =>
      breakRecord(`a${index}`, {
        event: {
          stream: `a${index}`,
          endedAt: NOON + MINUTE + index * 10,
          recoveredAt: NOON + 9 * MINUTE,
        },
      }),
    );
    await temporary.insert(...alike);
    const frame = await ask();
    expect(column(frame, 'title')).toEqual(['The push URL expired +39 more']);
    expect(column(frame, 'text')[0]).toContain('40 breaks of 40 streams.');
    // A wide screen shows a minute as a hundred pixels.
    const near = { from: NOON + MINUTE, to: NOON + 2 * MINUTE };
    expect(column(await ask({}, near), 'title').length).toBeGreaterThan(1);
  });

  it('says nothing twice', async () => {
    await temporary.insert(breakRecord('a', { event: { recoveredAt: NOON + MINUTE } }));
    const frame = await ask();
    const title = String(column(frame, 'title')[0]);
    expect(title).toBe('The push URL expired');
    expect(column(frame, 'text')[0]).not.toContain(title);
    expect(column(frame, 'text')[0]).not.toBe('');
  });

  it('merges many breaks by category and time into the limit, and counts each of them', async () => {
    const storm = Array.from({ length: 900 }, (_unused, index) => {
      const network = index % 3 > 0;
      return breakRecord(`s${String(index).padStart(3, '0')}`, {
        rule: network ? 'network/link-lost' : 'auth/url-expired',
        event: {
          endedAt: NOON + index * 4 * SECOND,
          recoveredAt: NOON + index * 4 * SECOND + SECOND,
          stream: `stream-${index}`,
        },
        ...(network ? { verdict: NETWORK } : {}),
      });
    });
    await temporary.insert(...storm);
    for (const limit of [200, 10, 2]) {
      const frame = await ask({ limit });
      const titles = column(frame, 'title') as string[];
      expect(titles.length).toBeLessThanOrEqual(limit);
      expect(titles.length).toBeGreaterThan(limit / 2 - 1);
      const breaks = titles.map((title) => Number(/\+(\d+) more$/.exec(title)?.[1] ?? 0) + 1);
      expect(breaks.reduce((sum, count) => sum + count, 0)).toBe(900);
      const tags = column(frame, 'tags').map((text) => String(text).split(',')[0]);
      expect(new Set(tags)).toEqual(new Set(['auth', 'network']));
    }
    const [single] = column(await ask({ limit: 1 }), 'title');
    expect(single).toBe('The link to the encoder was lost +899 more');
  });

  it('has at most 60 regions by default', async () => {
    const many = Array.from({ length: 450 }, (_unused, index) =>
      breakRecord(`m${index}`, {
        event: { stream: `m${index}`, endedAt: NOON + index * SECOND, recoveredAt: NOON + HOUR },
      }),
    );
    await temporary.insert(...many);
    expect(column(await ask(), 'id').length).toBeLessThanOrEqual(60);
  });

  it('draws too many breaks in steps, counts each of them and covers no time without breaks', async () => {
    const HOURS = [0, 1, 2, 20, 21];
    const open = breakRecord('open', {
      event: { endedAt: NOON - 30 * HOUR, recoveredAt: null, stream: 'open' },
    });
    const many = HOURS.flatMap((hour) =>
      Array.from({ length: 500 }, (_unused, index) => {
        const network = index % 3 > 0;
        const endedAt = NOON - 24 * HOUR + hour * HOUR + index * 5 * SECOND;
        return breakRecord(`m${hour}-${String(index).padStart(3, '0')}`, {
          rule: network ? 'network/link-lost' : 'auth/url-expired',
          event: {
            endedAt,
            // The newest of the network is down for long.
            recoveredAt: endedAt + (hour === 21 && index === 499 ? 90 * MINUTE : SECOND),
            stream: `stream-${index}`,
          },
          ...(network ? { verdict: NETWORK } : {}),
        });
      }),
    );
    await temporary.insert(open, ...many);
    const range = { from: NOON - 24 * HOUR, to: NOON };
    const frame = await ask({ limit: 40 }, range);
    expect(frame.meta?.notices?.[0]?.text).toContain('in steps of 5 minutes');
    const rows = column(frame, 'title').map((title, i) => ({
      breaks: Number(/\+(\d+) more$/.exec(String(title))?.[1] ?? 0) + 1,
      category: String(column(frame, 'tags')[i]).split(',')[0],
      start: Number(column(frame, 'time')[i]),
      end: Number(column(frame, 'timeEnd')[i]),
      id: column(frame, 'id')[i],
    }));
    expect(rows[0]).toEqual({
      breaks: 1,
      category: 'auth',
      start: NOON - 30 * HOUR,
      end: NOON,
      id: 'open',
    });
    expect(rows.reduce((sum, { breaks }) => sum + breaks, 0)).toBe(2_501);
    for (const category of ['auth', 'network']) {
      const own = rows.filter((row) => row.category === category && row.id !== 'open');
      expect(own.map(({ start }) => start)).toEqual(
        HOURS.map((hour) => NOON - 24 * HOUR + hour * HOUR),
      );
    }
    const last = rows.findLast(({ category }) => category === 'network');
    expect(last?.id).toBe('m21-499');
    expect(last?.end).toBe(NOON - 3 * HOUR + 499 * 5 * SECOND + 90 * MINUTE);
    // The words of a sum do not tell how many streams, as nobody looked.
    expect(column(frame, 'text').at(-1)).toMatch(/\n\d+ breaks\.$/);
    // Each filter holds for the breaks that give the words, too.
    const auth = await ask(
      { filters: { category: ['auth'], stream: ['stream-0', 'open'] } },
      range,
    );
    expect(column(auth, 'id')).toHaveLength(6);
  });

  it('has regions in order of time, in fields that Grafana maps by name', async () => {
    await temporary.insert(
      breakRecord('late', { event: { endedAt: NOON + 9 * MINUTE, stream: 'l' } }),
      breakRecord('early', { event: { endedAt: NOON + MINUTE, stream: 'e' } }),
    );
    const frame = await ask();
    expect(column(frame, 'id')).toEqual(['early', 'late']);
    expect(frame.meta?.dataTopic).toBe('annotations');
    expect(frame.fields.map((field) => field.name)).toEqual([
      'time',
      'timeEnd',
      'isRegion',
      'title',
      'text',
      'tags',
      'color',
      'id',
    ]);
  });

  it('stops between pages when the caller aborts', async () => {
    const abort = AbortSignal.abort(new Error('gone'));
    const context = queryContext(temporary.store);
    await expect(
      answerAnnotations(
        { refId: 'A', queryType: 'annotations', breaks: true },
        RANGE,
        context,
        abort,
      ),
    ).rejects.toThrow('gone');
  });
});
