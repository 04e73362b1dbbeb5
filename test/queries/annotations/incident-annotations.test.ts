import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Cell, Frame } from '../../../src/model/frame.ts';
import type { AnnotationsQuery } from '../../../src/model/query.ts';
import { LANGUAGES } from '../../../src/model/vocabulary.ts';
import { answerAnnotations } from '../../../src/queries/annotations/annotations.ts';
import { HOUR, NOON } from '../../helpers/break-record.ts';
import { queryContext } from '../../helpers/query-context.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';
import { at, cut, many, refused, unpaid } from '../../incidents/story.ts';

const RANGE = { from: NOON - HOUR, to: NOON + HOUR };

function column(frame: Frame, name: string): Cell[] {
  return frame.fields.find((field) => field.name === name)?.values ?? [];
}

describe('answerAnnotations of incidents', () => {
  let temporary: TemporaryStore;
  const ask = async (query: Partial<AnnotationsQuery> = {}, range: object = {}) => {
    const [frame] = await answerAnnotations(
      { refId: 'A', queryType: 'annotations', ...query },
      { ...RANGE, ...range },
      queryContext(temporary.store),
    );
    return frame as Frame;
  };
  beforeAll(async () => {
    temporary = await openTemporaryStore();
  });
  afterEach(() => temporary.empty());
  afterAll(() => temporary.remove());

  it('draws the storm of an account as one region, and a stream that is down until now', async () => {
    await temporary.insert(
      ...many(400, (index) =>
        unpaid({ stream: `room-${index}`, at: index / 100, back: 300 + index / 100 }),
      ),
      refused({ stream: 'shop-17', at: 900, domain: 'b.example.com' }),
    );
    const frame = await ask();
    expect(column(frame, 'time')).toEqual([at(0), at(900)]);
    expect(column(frame, 'timeEnd')).toEqual([at(303.99), RANGE.to]);
    expect(column(frame, 'isRegion')).toEqual([true, true]);
    expect(column(frame, 'title')[0]).toContain('400 streams of account default');
    expect(column(frame, 'tags')).toEqual(['critical', expect.stringMatching(/,default$/)]);
  });

  it('says in lines how it is now, why, what to do and what it cost, and nothing twice', async () => {
    await temporary.insert(
      cut({ stream: 'shop-17', at: 0 }),
      refused({ stream: 'shop-17', at: 2 }),
    );
    for (const language of LANGUAGES) {
      const frame = await ask({ language });
      const title = String(column(frame, 'title')[0]);
      const lines = String(column(frame, 'text')[0]).split('\n');
      expect(lines.length).toBeGreaterThanOrEqual(4);
      expect(new Set(lines).size).toBe(lines.length);
      const text = lines.join('\n');
      expect(text).not.toContain(title);
      for (const tag of String(column(frame, 'tags')[0]).split(',')) {
        expect(`${title}\n${text}`).not.toContain(tag);
      }
    }
  });

  it('reads only the causes of the incidents that it shows', async () => {
    await temporary.insert(
      ...many(30, (index) =>
        refused({
          stream: `room-${index}`,
          domain: `${index}.example.com`,
          at: index * 60,
          back: index * 60 + 20,
        }),
      ),
    );
    const context = queryContext(temporary.store);
    const read: string[] = [];
    const store = {
      ...context.store,
      breakById: (id: string) => {
        read.push(id);
        return context.store.breakById(id);
      },
    };
    const [frame] = await answerAnnotations(
      { refId: 'A', queryType: 'annotations', limit: 4 },
      RANGE,
      { ...context, store },
    );
    expect(column(frame as Frame, 'title')).toHaveLength(4);
    expect(read.length).toBeGreaterThan(0);
    expect(read.length).toBeLessThanOrEqual(2 * 4);
  });

  it('merges incidents that look like one on the screen, and names the largest', async () => {
    const short = { back: 61, domain: 'a.example.com' };
    await temporary.insert(
      refused({ ...short, stream: 'one', at: 60 }),
      refused({ ...short, stream: 'two', at: 60.2, back: 61.2, domain: 'b.example.com' }),
      refused({ ...short, stream: 'three', at: 1_800, back: 1_801 }),
    );
    const wide = await ask({}, { from: at(59), to: at(62), maxDataPoints: 3_000 });
    expect(column(wide, 'title')).toHaveLength(2);
    const narrow = await ask();
    expect(column(narrow, 'title')).toEqual([
      expect.stringMatching(/ \+1 more$/),
      expect.not.stringMatching(/more/),
    ]);
    expect(String(column(narrow, 'text')[0])).toMatch(/\n2 incidents\.$/);
  });

  it('has at most 60 regions by default, and as many as are asked for', async () => {
    await temporary.insert(
      ...many(150, (index) =>
        refused({
          stream: `s${index}`,
          domain: `d${index}.example.com`,
          at: -3_500 + index * 40,
          back: -3_490 + index * 40,
        }),
      ),
    );
    const count = async (query: Partial<AnnotationsQuery>) => column(await ask(query), 'id').length;
    const byDefault = await count({});
    expect(byDefault).toBeLessThanOrEqual(60);
    expect(byDefault).toBeGreaterThan(20);
    expect(await count({ limit: 5 })).toBeLessThanOrEqual(5);
    // A phone.
    const narrow = await ask({}, { maxDataPoints: 390 });
    expect(column(narrow, 'id').length).toBeLessThanOrEqual(17);
    expect(await count({ limit: 2_000 })).toBeGreaterThan(100);
  });

  it('takes the filters of incidents', async () => {
    await temporary.insert(
      refused({ stream: 'shop-17', at: 0 }),
      unpaid({ stream: 'room-1', at: 600, domain: 'b.example.com' }),
    );
    expect(column(await ask({ filters: { category: ['billing'] } }), 'time')).toEqual([at(600)]);
    expect(column(await ask({ filters: { stream: ['shop-*'] } }), 'time')).toEqual([at(0)]);
    expect(column(await ask({ filters: { severity: ['info'] } }), 'time')).toEqual([]);
  });
});
