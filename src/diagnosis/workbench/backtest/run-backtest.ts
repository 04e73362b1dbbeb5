import { type FactBlock, type PlacedBreak, valueAt } from '../../../model/facts.ts';
import type { RuleSet } from '../../rule.ts';
import { type BacktestReport, BacktestTally, type MovedSample } from './backtest-report.ts';
import { createJudge } from './judge.ts';
import { BlockJudge } from './judge-blocks.ts';

/** The rules to compare. */
export interface ComparedRules {
  /** Null compares with the stored verdicts. */
  before: RuleSet | null;
  after: RuleSet;
  /** Called with the number of judged breaks. */
  onProgress?: (events: number) => void;
  /** Stops between two blocks, and throws the signal's reason. */
  signal?: AbortSignal;
}

/** The breaks to judge, and the rules to compare. */
export interface BacktestOptions extends ComparedRules {
  /** Only breaks that ended in this range, epoch ms UTC; `to` is exclusive. */
  range: { from: number; to: number };
  /** Reads blocks with these facts. Only one is in memory at a time. */
  blocks: (facts: ReadonlySet<string>) => AsyncIterable<FactBlock>;
  /** Reads the breaks for examples, by their place in the store. */
  readSamples: (places: readonly number[]) => PlacedBreak[] | Promise<PlacedBreak[]>;
}

/**
 * Judges past breaks with old and new rules, and reports what would change. Breaks that the rules cannot
 * distinguish are judged only once. The memory is bounded.
 */
export async function runBacktest(options: BacktestOptions): Promise<BacktestReport> {
  const { range, onProgress } = options;
  const before = options.before && createJudge(options.before);
  const after = createJudge(options.after);
  const tally = new BacktestTally<number>(after.facts);
  let ends: Float64Array = new Float64Array();
  let names: Float64Array = new Float64Array();
  const judge = new BlockJudge(before, after, {
    count: (old, now, events) => tally.count(old, now, events),
    wantsEvents: (old, now) => old.rule !== now.rule,
    event: (old, now, place) =>
      tally.sample(old, now, ends[place] as number, () => names[place] as number),
  });
  let events = 0;
  const facts = before ? before.facts.union(after.facts) : after.facts;
  for await (const block of options.blocks(facts)) {
    ends = block.endedAt();
    const places = placesIn(ends, range);
    if (places.length > 0) {
      names = block.places();
      noteSpan(ends, places, tally);
      noteFacts(block, places, tally);
      judge.judge(block, places);
    }
    events += places.length;
    onProgress?.(events);
    options.signal?.throwIfAborted();
  }
  judge.finish();
  const samples = new Map<number, MovedSample>();
  for (const { place, ...sample } of await options.readSamples(tally.samples())) {
    samples.set(place, sample);
  }
  return tally.report((place) => samples.get(place));
}

/** Indexes of the events of a block that ended in a range. */
function placesIn(ends: Float64Array, { from, to }: { from: number; to: number }): Uint32Array {
  const places = new Uint32Array(ends.length);
  let count = 0;
  for (let place = 0; place < ends.length; place += 1) {
    const ended = ends[place] as number;
    places[count] = place;
    count += ended >= from && ended < to ? 1 : 0;
  }
  return places.subarray(0, count);
}

function noteSpan(ends: Float64Array, places: Uint32Array, tally: BacktestTally<number>): void {
  let from = Infinity;
  let to = -Infinity;
  for (const place of places) {
    const ended = ends[place] as number;
    from = ended < from ? ended : from;
    to = ended > to ? ended : to;
  }
  tally.span(from, to);
}

/** Notes which facts the events have. If all events of the block count, its list of names is enough. */
function noteFacts(block: FactBlock, places: Uint32Array, tally: BacktestTally<number>): void {
  const missing = [...tally.unseen].filter((name) => block.names.includes(name));
  for (const name of missing) {
    const column = places.length === block.events ? undefined : block.fact(name);
    if (!column || places.some((place) => valueAt(column, place) !== undefined)) {
      tally.saw(name);
    }
  }
}
