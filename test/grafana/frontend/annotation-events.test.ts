import { describe, expect, it } from 'vitest';
import { toAnnotationEvents } from '../../../src/grafana/frontend/annotation-events.ts';

type Frames = Parameters<typeof toAnnotationEvents>[0];

const frameOf = (row: Record<string, unknown>) =>
  [
    { length: 1, fields: Object.entries(row).map(([name, value]) => ({ name, values: [value] })) },
  ] as unknown as Frames;
const link = (id: string, { time }: { time: number }) => ({
  href: `/d/x?id=${id}&from=${time}`,
  words: 'Open <it>',
});

describe('toAnnotationEvents', () => {
  it('makes lines and keeps names from becoming markup', () => {
    const [event] = toAnnotationEvents(
      frameOf({
        time: 1_000,
        timeEnd: 5_000,
        title: 'Auth: stream <img src=x> only',
        text: 'Why: a & b\nDo now: "sign" it',
        tags: 'critical,<b>',
        id: 'a',
      }),
      link,
    );
    expect(event).toEqual({
      id: 'a',
      time: 1_000,
      timeEnd: 5_000,
      isRegion: true,
      title: 'Auth: stream &lt;img src=x&gt; only',
      text: 'Why: a &amp; b<br />Do now: &quot;sign&quot; it',
      tags: ['critical', '<b>'],
    });
  });

  it('ends the text of an incident with a link to it', () => {
    const [event] = toAnnotationEvents(
      frameOf({ time: 7, timeEnd: 7, title: 't', text: 'x', tags: '', id: 'inc-1' }),
      link,
    );
    expect(event?.text).toBe('x<br /><a href="/d/x?id=inc-1&amp;from=7">Open &lt;it&gt;</a>');
    expect(event).toMatchObject({ isRegion: false, tags: [] });
  });

  it('has no events without rows', () => {
    expect(toAnnotationEvents([{ length: 0, fields: [] }] as unknown as Frames, link)).toEqual([]);
  });
});
