import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/simulator/clock.ts';
import { scenarios } from '../../src/simulator/scenarios/index.ts';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';
import type { TrueBreak } from '../../src/simulator/truth.ts';

const begin = Date.parse('2026-05-01T12:00:00Z');
let simulator: Simulator | undefined;
afterEach(() => simulator?.stop());

async function play(scenario: string, ms: number, more: { seed?: number; streams?: number } = {}) {
  const clock = new VirtualClock(begin);
  simulator = await startSimulator({
    secretId: 'a',
    secretKey: 'b',
    scenario,
    clock,
    seed: more.seed,
    scenarioOptions: { streams: more.streams },
  });
  clock.advance(ms);
  return simulator.truth();
}

const codeOf = ({ code }: Pick<TrueBreak, 'code'>) => `${code?.errcode}/${code?.subErrcode}`;

/** A coarse category, told by the code alone. */
function kind({ code }: Pick<TrueBreak, 'code'>): string {
  const { errcode, subErrcode } = code ?? { errcode: 0, subErrcode: 0 };
  if (errcode >= 12 && errcode <= 17) return 'network';
  if (errcode === 18 && subErrcode === 305) return 'operator';
  if (errcode === 18) {
    return { 2: 'billing', 4: 'config', 5: 'auth' }[Math.floor(subErrcode / 100)] ?? 'other';
  }
  if (errcode === 21) return subErrcode <= 101 ? 'operator' : 'client';
  return [5, 9, 11].includes(errcode) ? 'platform' : 'client';
}

describe('demo', () => {
  const minute = 60_000;
  /** The stories of a round, by what their breaks have in common. */
  const story = (item: TrueBreak): string =>
    kind(item) === 'platform' ? 'node' : kind(item) === 'billing' ? 'bill' : item.stream;

  it('begins with an expired URL and shows it with five other categories in its history', async () => {
    const { breaks } = await play('demo', 20_000);
    const opening = breaks.filter(({ endedAt }) => endedAt > begin);
    expect(new Set(opening.map(({ stream }) => stream))).toEqual(new Set(['marathon-finish']));
    expect(opening.map(codeOf)).toContain('18/501');
    const lastHour = breaks.filter(({ endedAt }) => endedAt > begin - 60 * minute);
    expect([...new Set(lastHour.map(kind))].sort()).toEqual([
      'auth',
      'billing',
      'client',
      'network',
      'operator',
      'platform',
    ]);
  });

  it('tells one story at a time, and each ends with all streams live', async () => {
    const { breaks, pushes } = await play('demo', 48 * minute);
    const faults = breaks.filter(({ outcome }) => outcome !== 'ended');
    const spans = new Map<string, { from: number; to: number }>();
    for (const fault of faults) {
      const key = `${Math.floor((fault.endedAt - begin + 30_000) / (3 * minute))}`;
      const span = spans.get(key) ?? { from: fault.endedAt, to: 0 };
      span.to = Math.max(span.to, fault.endedAt + (fault.downMs ?? Number.POSITIVE_INFINITY));
      spans.set(key, span);
    }
    const ordered = [...spans.values()].sort((a, b) => a.from - b.from);
    expect(ordered.length).toBeGreaterThanOrEqual(16 + 100);
    for (const [index, span] of ordered.slice(1, -1).entries()) {
      expect(span.from).toBeGreaterThan((ordered[index] as typeof span).to);
    }
    for (const key of spans.keys()) {
      const ofStory = faults.filter(
        ({ endedAt }) => `${Math.floor((endedAt - begin + 30_000) / (3 * minute))}` === key,
      );
      const names = new Set(ofStory.map(story));
      const isVenue = [...names].every((name) => name.startsWith('fair-hall-'));
      expect(isVenue ? 1 : names.size, `${[...names]}`).toBe(1);
    }
    expect(pushes.filter(({ outcome }) => outcome === 'live').length).toBeGreaterThanOrEqual(38);
  });
});

describe('busy', () => {
  it.each([1, 2, 3, 4, 5])('has six hours of plausible history (seed %i)', async (seed) => {
    const { pushes, breaks } = await play('busy', 0, { seed });
    const past = pushes.filter(({ endedAt }) => endedAt !== undefined);
    expect(past.length).toBeGreaterThanOrEqual(40);
    expect(past.length).toBeLessThanOrEqual(80);
    expect(new Set(breaks.map(kind)).size).toBeGreaterThanOrEqual(6);
    expect(new Set(past.map(({ domain }) => domain)).size).toBeGreaterThan(2);
    expect(past.some(({ outcome }) => outcome === 'ended')).toBe(true);
    const spread = past.map(({ endedAt }) => Math.floor(((endedAt ?? 0) - begin) / 3_600_000));
    expect(new Set(spread).size).toBeGreaterThanOrEqual(5);
  });

  it.each([1, 2, 3, 4, 5])(
    'opens with five categories and a recovery in 12 s (seed %i)',
    async (seed) => {
      const { breaks } = await play('busy', 12_000, { seed });
      const opening = breaks.filter(({ endedAt }) => endedAt > begin);
      const kinds = new Set(opening.map(kind));
      for (const name of [
        'auth',
        'billing',
        'network',
        'client',
        'config',
        'operator',
        'platform',
      ]) {
        expect(kinds).toContain(name);
      }
      expect(
        opening.filter(({ downMs }) => downMs !== null && downMs < 10_000).length,
      ).toBeGreaterThan(0);
    },
  );

  it('keeps running, and its streams stay live', async () => {
    const { breaks, pushes } = await play('busy', 3 * 3_600_000);
    for (let hour = 0; hour < 3; hour += 1) {
      const from = begin + hour * 3_600_000;
      const inHour = breaks.filter(({ endedAt }) => endedAt > from && endedAt <= from + 3_600_000);
      expect(inHour.length).toBeGreaterThan(150);
      expect(inHour.length).toBeLessThan(3000);
    }
    expect(pushes.filter(({ outcome }) => outcome === 'live').length).toBeGreaterThan(7);
  });

  it('is the same for the same seed, and differs for another', async () => {
    const tell = async (seed: number) => {
      const { breaks } = await play('busy', 600_000, { seed });
      await simulator?.stop();
      return breaks.map((item) => `${item.endedAt} ${item.sequence} ${codeOf(item)}`);
    };
    const first = await tell(9);
    expect(await tell(9)).toEqual(first);
    expect(await tell(10)).not.toEqual(first);
  });
});

describe('the other scenarios', () => {
  it('lists all of them', () => {
    expect(Object.keys(scenarios).sort()).toEqual([
      'arrears-storm',
      'busy',
      'day',
      'demo',
      'empty',
      'expired-url-loop',
      'flapping',
      'two-encoders',
    ]);
  });

  it('day has every kind of break and normal ends', async () => {
    const { breaks, pushes } = await play('day', 0);
    const kinds = new Set(breaks.map(kind));
    for (const name of ['auth', 'billing', 'network', 'client', 'config', 'operator', 'platform']) {
      expect(kinds).toContain(name);
    }
    expect(pushes.filter(({ outcome }) => outcome === 'ended').length).toBeGreaterThan(10);
  });

  it('expired-url-loop: a network break, then refusals, then the new URL', async () => {
    const { breaks } = await play('expired-url-loop', 900_000);
    expect(breaks.map(codeOf)).toEqual(['12/0', ...Array(breaks.length - 1).fill('18/501')]);
    expect(breaks.length).toBeGreaterThan(8);
    expect(breaks[0]?.downMs).toBe(600_000);
    for (const refused of breaks.slice(1)) {
      expect(refused.startedAt).toBe(refused.endedAt);
      expect(refused.outcome).toBe('refused');
    }
  });

  it('arrears-storm: all streams break at once, and are refused until the bill is paid', async () => {
    const { breaks, pushes } = await play('arrears-storm', 400_000, { streams: 500 });
    expect(new Set(breaks.map(codeOf))).toEqual(new Set(['18/202']));
    expect(breaks.filter(({ outcome }) => outcome === 'broken')).toHaveLength(500);
    expect(breaks.filter(({ outcome }) => outcome === 'refused').length).toBeGreaterThan(4000);
    expect(pushes.filter(({ outcome }) => outcome === 'live')).toHaveLength(500);
  });

  it('flapping: eight breaks of one stream, each with a recovery', async () => {
    const { breaks } = await play('flapping', 600_000);
    expect(breaks).toHaveLength(8);
    for (const { downMs } of breaks) expect(downMs).toBe(2000);
  });

  it('two-encoders: they replace each other, then one stays', async () => {
    const { breaks, pushes } = await play('two-encoders', 300_000);
    expect(breaks.length).toBeGreaterThan(20);
    expect(new Set(breaks.map(codeOf))).toEqual(new Set(['21/102']));
    expect(new Set(breaks.map(({ clientIp }) => clientIp)).size).toBe(2);
    expect(pushes.filter(({ outcome }) => outcome === 'live')).toHaveLength(1);
  });
});
