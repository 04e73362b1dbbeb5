import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cell, Frame } from '../../src/model/frame.ts';
import type { StreamsQuery } from '../../src/model/query.ts';
import { answerStreams } from '../../src/queries/streams.ts';
import { HOUR, NOON } from '../helpers/break-record.ts';
import { queryContext } from '../helpers/query-context.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';
import { at, cut, livePush, refused, stopped } from '../incidents/story.ts';

function column(frame: Frame, name: string): Cell[] {
  return frame.fields.find((field) => field.name === name)?.values ?? [];
}

describe('answerStreams', () => {
  let temporary: TemporaryStore;
  const ask = async (query: Partial<StreamsQuery> = {}, to = at(60)) => {
    const frames = await answerStreams(
      { refId: 'A', queryType: 'streams', ...query },
      { from: NOON - HOUR, to },
      queryContext(temporary.store),
    );
    return frames[0] as Frame;
  };

  beforeAll(async () => {
    temporary = await openTemporaryStore();
    await temporary.insert(
      cut({ stream: 'blocked', at: 0 }),
      refused({ stream: 'blocked', at: 3 }),
      cut({ stream: 'waiting', at: 30 }),
      cut({ stream: 'back', at: 0, back: 20 }),
      stopped({ stream: 'over', at: 10 }),
      cut({ stream: 'taken-over', at: 50 }),
      cut({ stream: 'long-ago', at: -2 * 3_600 }),
    );
    await temporary.store.commit({
      breaks: [],
      removed: [],
      pushes: [livePush('taken-over', 40)],
      cursor: await temporary.store.cursor(),
    });
  });
  afterAll(() => temporary.remove());

  it('has the stream that is down longest first', async () => {
    const frame = await ask({ state: ['down'] }, at(3_000));
    expect(column(frame, 'stream')).toEqual(['blocked', 'waiting']);
    const since = column(frame, 'since') as number[];
    expect(since).toEqual(since.toSorted((a, b) => a - b));
  });

  it('has one row for each stream of the range, down first, with deadline and next step', async () => {
    const frame = await ask();
    expect(column(frame, 'stream').map((name, row) => [name, column(frame, 'state')[row]])).toEqual(
      [
        ['blocked', 'down'],
        ['waiting', 'reconnecting'],
        ['taken-over', 'recovered'],
        ['back', 'recovered'],
        ['over', 'ended'],
      ],
    );
    expect(column(frame, 'deadline')).toEqual([null, at(90), at(350), at(320), null]);
    expect(column(frame, 'firstCause')[0]).toBe('The link to the encoder was lost');
    expect(column(frame, 'doNow').slice(0, 2)).toEqual([
      'Check txTime expiry: it expired 12 min before this push.',
      'Check the uplink of shop-17.',
    ]);
    expect(column(frame, 'cause')[4]).toBeNull();
  });

  it('filters by state, stream and cause', async () => {
    expect(column(await ask({ state: ['recovered', 'ended'] }), 'stream')).toHaveLength(3);
    expect(column(await ask({ filters: { stream: ['b*'] } }), 'stream')).toEqual([
      'blocked',
      'back',
    ]);
    expect(column(await ask({ filters: { category: ['auth'] } }), 'stream')).toEqual(['blocked']);
  });

  it('shows the state at the end of the range, and has a notice when rows are missing', async () => {
    const frame = await ask({ limit: 1 }, at(2));
    expect(column(frame, 'state')).toEqual(['reconnecting']);
    expect(frame.meta?.notices).toEqual([
      {
        severity: 'warning',
        text: 'Only 1 of 2 streams are shown. Narrow the filters, or raise the limit.',
      },
    ]);
  });
});
