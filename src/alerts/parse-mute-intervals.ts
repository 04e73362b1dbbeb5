import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { nearestName } from '../model/errors.ts';
import {
  type MuteEntry,
  type MuteIntervals,
  NO_MUTE_INTERVALS,
  type OneTimeInterval,
  type WeeklyInterval,
} from '../model/mute-intervals.ts';
import { instantOf, isTimeZone, machineTimeZone } from '../model/time.ts';
import { maskedError } from '../secrets/masked-error.ts';

/** The file with the mute intervals. */
export interface MuteSource {
  file: string;
  /** Whether they are the section `muteIntervals` of the file, and not the whole file. */
  isSection: boolean;
}

const KEYS = ['timeZone', 'forewarnings', 'maintenance', 'schedules'];
const PLACES = ['account', 'domain', 'app', 'stream'] as const;
const ENTRY_KEYS = ['name', ...PLACES, 'weekdays', 'from', 'to', 'timeZone'];
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const MAX_ENTRIES = 1_000;
/** Keys by other names that users may expect, also from earlier versions. */
const OTHER_NAMES: Readonly<Record<string, string>> = { expected: 'schedules', weekly: 'weekdays' };

/**
 * Reads maintenance windows and schedules from YAML.
 *
 * @param text - of the file that `source` names, for messages
 * @throws `MUTE_INTERVALS_INVALID` with line and column of the first mistake
 */
export function parseMuteIntervals(text: string, { file, isSection }: MuteSource): MuteIntervals {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const fail = (problem: string, offset: number): never => {
    const { line, col } = lines.linePos(offset);
    throw maskedError('MUTE_INTERVALS_INVALID', { file, line, column: col || 1, problem });
  };
  const [broken] = document.errors;
  if (broken) {
    const [problem = ''] = broken.message.split(/ at line \d+|\n/);
    fail(problem || 'it is not valid YAML', broken.pos[0]);
  }
  const root = isSection ? document.get('muteIntervals', true) : document.contents;
  return new Reader(fail).read((root ?? null) as Node | null);
}

type Fail = (problem: string, offset: number) => never;

/** Reads nodes; every error has the position of its node. */
class Reader {
  readonly #fail: Fail;

  constructor(fail: Fail) {
    this.#fail = fail;
  }

  read(root: Node | null): MuteIntervals {
    if (root === null || (isScalar(root) && root.value === null)) {
      return NO_MUTE_INTERVALS;
    }
    const given = this.#keys(root, KEYS, 'the mute intervals');
    const zone = given.timeZone ? this.#zone(given.timeZone) : machineTimeZone();
    const entries = [
      ...this.#entries(given.maintenance, 'maintenance', 'maintenance', zone),
      ...this.#entries(given.schedules, 'schedules', 'expected', zone),
    ];
    return { entries, forewarnings: this.#forewarnings(given.forewarnings, zone) };
  }

  #entries(
    node: Node | undefined,
    key: string,
    kind: MuteEntry['kind'],
    zone: string,
  ): MuteEntry[] {
    return this.#list(node, key).map((entry) => {
      const given = this.#keys(entry, ENTRY_KEYS, `an entry of ${key}`);
      return this.#entry(entry, given, kind, zone);
    });
  }

  #entry(
    node: Node,
    given: Record<string, Node | undefined>,
    kind: MuteEntry['kind'],
    defaultZone: string,
  ): MuteEntry {
    const name = given.name ? this.#text(given.name, 'name') : '';
    if (name === '') {
      return this.#bad(node, 'an entry needs a name, which alerts show');
    }
    const where: MuteEntry['where'] = {};
    for (const place of PLACES) {
      const value = given[place];
      if (value) {
        where[place] = (isSeq(value) ? (value.items as Node[]) : [value]).map((item) =>
          this.#text(item, place),
        );
      }
    }
    const timeZone = given.timeZone ? this.#zone(given.timeZone) : defaultZone;
    if (!given.from || !given.to) {
      return this.#bad(node, `the entry "${name}" needs from and to`);
    }
    const when = given.weekdays
      ? this.#weekly(given.weekdays, given.from, given.to, timeZone)
      : this.#once(given.from, given.to, timeZone);
    return { kind, name, where, when };
  }

  #weekly(weekly: Node, from: Node, to: Node, timeZone: string): WeeklyInterval {
    return {
      days: this.#days(weekly),
      from: this.#clock(from, 'from'),
      to: this.#clock(to, 'to') % 1_440,
      timeZone,
    };
  }

  #once(from: Node, to: Node, timeZone: string): OneTimeInterval {
    const time = {
      from: this.#moment(from, 'from', timeZone, 'earlier'),
      to: this.#moment(to, 'to', timeZone, 'later'),
    };
    return time.to > time.from ? time : this.#bad(to, 'to must be after from');
  }

  #forewarnings(node: Node | undefined, timeZone: string): WeeklyInterval | null {
    const defaultValue = { ...(NO_MUTE_INTERVALS.forewarnings as WeeklyInterval), timeZone };
    if (!node) {
      return defaultValue;
    }
    if (isMap(node)) {
      const given = this.#keys(node, ['weekdays', 'from', 'to'], 'forewarnings');
      return given.from && given.to
        ? {
            days: given.weekdays ? this.#days(given.weekdays) : EVERY_DAY,
            from: this.#clock(given.from, 'from'),
            to: this.#clock(given.to, 'to') % 1_440,
            timeZone,
          }
        : this.#bad(node, 'forewarnings needs from and to');
    }
    switch (isScalar(node) ? node.value : undefined) {
      case 'day':
        return defaultValue;
      case 'always':
        return { days: EVERY_DAY, from: 0, to: 0, timeZone };
      case 'never':
        return null;
      default:
        return this.#bad(node, 'forewarnings must be day, always, never, or have from and to');
    }
  }

  #days(node: Node): number[] {
    const words = (isSeq(node) ? (node.items as Node[]) : [node]).map((item) => ({
      item,
      word: this.#text(item, 'weekdays').toLowerCase(),
    }));
    const days = words.flatMap(({ item, word }) => {
      if (word === 'daily') {
        return EVERY_DAY;
      }
      const [first = '', last = first, ...more] = word.split('-');
      const [from, to] = [DAYS.indexOf(first), DAYS.indexOf(last)];
      if (from < 0 || to < 0 || more.length > 0) {
        return this.#bad(item, `"${word}" is not a day; use mon, tue, …, mon-fri or daily`);
      }
      // A range may continue past Sunday, e.g. sat-mon.
      return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_none, step) => {
        return ((from + step) % 7) + 1;
      });
    });
    return days.length > 0
      ? [...new Set(days)].sort((a, b) => a - b)
      : this.#bad(node, 'weekdays must name a day');
  }

  /** Minutes after midnight. */
  #clock(node: Node, key: string): number {
    const text = this.#text(node, key);
    const [, hours = '', minutes = ''] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
    const time = Number(hours) * 60 + Number(minutes);
    return hours !== '' && Number(minutes) < 60 && time <= 1_440
      ? time
      : this.#bad(node, `${key} must be a time such as 21:30, not "${text}"`);
  }

  #moment(node: Node, key: string, timeZone: string, which: 'earlier' | 'later'): number {
    const text = this.#text(node, key);
    const [, day, clock = '00:00', offset] =
      /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?(Z|[+-]\d{2}:\d{2})?$/.exec(text) ?? [];
    const local = Date.parse(`${day}T${clock}Z`);
    // Date.parse accepts 02-30 as a day of the next month.
    if (!day || Number.isNaN(local) || new Date(local).toISOString().slice(0, 10) !== day) {
      return this.#bad(
        node,
        `${key} must be a date and time such as 2026-11-22 02:00, not "${text}"`,
      );
    }
    return offset ? Date.parse(`${day}T${clock}${offset}`) : instantOf(local, timeZone, which);
  }

  #zone(node: Node): string {
    const text = this.#text(node, 'timeZone');
    return isTimeZone(text)
      ? text
      : this.#bad(node, `"${text}" is not a time zone such as Asia/Shanghai`);
  }

  #text(node: Node, key: string): string {
    const value = isScalar(node) ? node.value : undefined;
    return (typeof value === 'string' || typeof value === 'number') && value !== ''
      ? String(value)
      : this.#bad(node, `${key} must be a string`);
  }

  #list(node: Node | undefined, key: string): Node[] {
    if (!node || (isScalar(node) && node.value === null)) {
      return [];
    }
    if (!isSeq(node)) {
      return this.#bad(node, `${key} must be a list`);
    }
    return node.items.length <= MAX_ENTRIES
      ? (node.items as Node[])
      : this.#bad(node, `${key} has ${node.items.length} entries; ${MAX_ENTRIES} are the maximum`);
  }

  /** The values of a map by key; an empty one is absent. */
  #keys(node: Node, known: readonly string[], what: string): Record<string, Node | undefined> {
    if (!isMap(node)) {
      return this.#bad(node, `${what} must have keys: ${known.join(', ')}`);
    }
    const found: Record<string, Node | undefined> = {};
    for (const { key, value } of node.items) {
      const name = String(isScalar(key) ? key.value : key);
      if (!known.includes(name)) {
        const meant = OTHER_NAMES[name] ?? nearestName(name, known);
        const hint =
          meant && known.includes(meant)
            ? ` (did you mean ${meant}?)`
            : ` (known: ${known.join(', ')})`;
        return this.#bad(key as Node, `"${name}" is not a key of ${what}${hint}`);
      }
      const isEmpty = value === null || (isScalar(value) && value.value === null);
      found[name] = isEmpty ? undefined : (value as Node);
    }
    return found;
  }

  #bad(node: Node, problem: string): never {
    return this.#fail(problem, node.range?.[0] ?? 0);
  }
}
