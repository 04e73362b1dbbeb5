import { describe, expect, it } from 'vitest';
import { parseMuteIntervals } from '../../src/alerts/parse-mute-intervals.ts';
import type { BreakwatchError } from '../../src/model/errors.ts';
import { NO_MUTE_INTERVALS } from '../../src/model/mute-intervals.ts';

const read = (text: string) => parseMuteIntervals(text, { file: 'mute.yaml', isSection: false });

/** The error of a text, as `line:column problem`. */
function problemOf(text: string): string {
  try {
    read(text);
  } catch (thrown) {
    const { code, details } = thrown as BreakwatchError;
    return code === 'MUTE_INTERVALS_INVALID'
      ? `${details.line}:${details.column} ${details.problem}`
      : String(thrown);
  }
  return 'none';
}

describe('parseMuteIntervals', () => {
  it('reads windows and schedules, in the time zone of each', () => {
    const text = `
timeZone: Asia/Shanghai
maintenance:
  - name: domain move
    domain: [push.example.com, "*.backup.example.com"]
    from: 2026-11-22 02:00
    to: 2026-11-22T04:00+09:00
  - name: reboot
    weekdays: [fri-mon, wed]
    from: 23:30
    to: 00:30
    timeZone: Europe/Berlin
schedules:
  - { name: show, stream: 8888_*, weekdays: daily, from: "5:50", to: "24:00" }
`;
    expect(read(text)).toEqual({
      entries: [
        {
          kind: 'maintenance',
          name: 'domain move',
          where: { domain: ['push.example.com', '*.backup.example.com'] },
          when: {
            from: Date.parse('2026-11-21T18:00:00Z'),
            to: Date.parse('2026-11-21T19:00:00Z'),
          },
        },
        {
          kind: 'maintenance',
          name: 'reboot',
          where: {},
          when: { days: [1, 3, 5, 6, 7], from: 1_410, to: 30, timeZone: 'Europe/Berlin' },
        },
        {
          kind: 'expected',
          name: 'show',
          where: { stream: ['8888_*'] },
          when: { days: [1, 2, 3, 4, 5, 6, 7], from: 350, to: 0, timeZone: 'Asia/Shanghai' },
        },
      ],
      forewarnings: { ...NO_MUTE_INTERVALS.forewarnings, timeZone: 'Asia/Shanghai' },
    });
  });

  it('reads when forewarnings may page', () => {
    const of = (text: string) => read(`forewarnings: ${text}`).forewarnings;
    expect(of('day')).toEqual(NO_MUTE_INTERVALS.forewarnings);
    expect(of('never')).toBeNull();
    expect(of('always')).toMatchObject({ from: 0, to: 0 });
    expect(of('{ weekdays: mon-fri, from: 09:00, to: 18:00 }')).toMatchObject({
      days: [1, 2, 3, 4, 5],
      from: 540,
      to: 1_080,
    });
  });

  it('reads a section of a larger file', () => {
    const text =
      'accounts: []\nmuteIntervals:\n  maintenance:\n    - { name: a, from: 2026-01-01, to: 2026-01-02 }\n';
    const source = { file: 'breakwatch.yaml', isSection: true };
    expect(parseMuteIntervals(text, source).entries).toHaveLength(1);
    expect(parseMuteIntervals('accounts: []\n', source)).toEqual(NO_MUTE_INTERVALS);
    const bad = text.replace('name: a', 'nam: a');
    expect(() => parseMuteIntervals(bad, source)).toThrow(
      'breakwatch.yaml:4:9: "nam" is not a key',
    );
  });

  it('is empty when nothing is set', () => {
    expect(read('')).toEqual(NO_MUTE_INTERVALS);
    expect(read('maintenance:\nschedules: []\n')).toEqual(NO_MUTE_INTERVALS);
  });

  it.each([
    ['expected: []', '1:1 "expected" is not a key of the mute intervals (did you mean schedules?)'],
    [
      '- a',
      '1:1 the mute intervals must have keys: timeZone, forewarnings, maintenance, schedules',
    ],
    [
      'maintainance: []',
      '1:1 "maintainance" is not a key of the mute intervals (did you mean maintenance?)',
    ],
    ['timeZone: Asia/Shanghi', '1:11 "Asia/Shanghi" is not a time zone such as Asia/Shanghai'],
    ['maintenance: soon', '1:14 maintenance must be a list'],
    ['maintenance:\n  - domain: a', '2:5 an entry needs a name, which alerts show'],
    ['maintenance:\n  - name: a\n    from: 2026-11-22', '2:5 the entry "a" needs from and to'],
    [
      'maintenance:\n  - name: a\n    from: 2026-11-22\n    to: 2026-11-21',
      '4:9 to must be after from',
    ],
    [
      'maintenance:\n  - name: a\n    from: 2026-02-30\n    to: 2026-03-01',
      '3:11 from must be a date and time such as 2026-11-22 02:00, not "2026-02-30"',
    ],
    [
      'schedules:\n  - name: a\n    weekdays: mon\n    from: 25:00\n    to: 26:00',
      '4:11 from must be a time such as 21:30, not "25:00"',
    ],
    [
      'schedules:\n  - name: a\n    weekdays: [mon, someday]\n    from: 05:00\n    to: 06:00',
      '3:21 "someday" is not a day; use mon, tue, …, mon-fri or daily',
    ],
    ['schedules:\n  - name: a\n    stream: [[a]]\n    from: 05:00', '3:14 stream must be a string'],
    ['forewarnings: often', '1:15 forewarnings must be day, always, never, or have from and to'],
  ])('names the place of a mistake: %j', (text, expected) => {
    expect(problemOf(text)).toBe(expected);
  });

  it('reports the position of invalid YAML', () => {
    expect(problemOf('maintenance:\n  - name: "a\n')).toMatch(/^\d+:\d+ Missing closing "quote$/);
    expect(problemOf('a: 1\n\tb: 2')).toMatch(/^2:1 /);
  });
});
