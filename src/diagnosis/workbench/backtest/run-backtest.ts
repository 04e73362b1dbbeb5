import type { Facts } from '../../../model/facts.ts';
import { compileRules } from '../../compile/compile-rules.ts';
import { fallbackOf } from '../../fallback-rule.ts';
import type { RuleSet } from '../../rule.ts';
import { factsOfLeaf, leavesOf } from '../../walk-conditions.ts';

/** A break as it was judged then, with all that was known. */
export interface PastBreak {
  id: string;
  /** Epoch ms UTC. */
  endedAt: number;
  /** domain/app/stream. */
  stream: string;
  /** The snapshot that the diagnosis read. */
  facts: Facts;
  /** The verdict that is stored. */
  verdict: Ruling;
}

/** Which rule answered. */
export interface Ruling {
  rule: string;
  hash: string;
  category: string;
}

/** Judges one snapshot. */
export type Judge = (facts: Facts) => Ruling;

/** Breaks that one rule answered before and another answers now. */
export interface MovedBreaks {
  from: string;
  to: string;
  count: number;
  /** The first ones that came, at most {@link SAMPLES}. */
  samples: { id: string; endedAt: number; stream: string; facts: Facts }[];
}

/** What would change. */
export interface BacktestReport {
  events: number;
  /** Ends of the first and last break, epoch ms UTC; null without any. */
  from: number | null;
  to: number | null;
  /** Answered by another rule. */
  moved: number;
  /** Share of all, 0 to 100. */
  movedPercent: number;
  /** Answered by the same rule, which has changed. */
  reworded: number;
  /** Of an unknown cause now, and of a known one before. */
  newlyUnknown: number;
  /** The other way round. */
  newlyKnown: number;
  /** The most frequent first. */
  movements: MovedBreaks[];
  /** How many each rule answers, by id. */
  rules: { rule: string; before: number; after: number }[];
  /** Facts that the new rules read and no snapshot has: newer than history, or never known. */
  notRecorded: string[];
}

/** What to compare. */
export interface BacktestOptions {
  /** Pages of any size; only one is held at a time. */
  breaks: AsyncIterable<readonly PastBreak[]>;
  /** Null: the stored verdicts. */
  before: Judge | null;
  after: RuleSet;
  /** Told how many breaks were judged. */
  onProgress?: (events: number) => void;
}

/** Examples kept for each pair of rules. */
export const SAMPLES = 3;

const UNKNOWN = 'unknown';

/** Judges by generated code, the same rules in the same order of winning as in service. */
export function createJudge(ruleSet: RuleSet): Judge {
  const compiled = compileRules(ruleSet.rules);
  const matcher = compiled.bulk();
  const rulings = compiled.rules.map(
    ({ rule }): Ruling => ({ rule: rule.id, hash: rule.hash, category: rule.event.type }),
  );
  const { id, hash, event } = fallbackOf(ruleSet);
  const fallback: Ruling = { rule: id, hash, category: event.type };
  return (facts) => rulings[matcher.first(facts)] ?? fallback;
}

function factsReadBy({ rules }: RuleSet): Set<string> {
  return new Set(rules.flatMap(({ conditions }) => leavesOf(conditions).flatMap(factsOfLeaf)));
}

/** Judges past breaks by old and new rules and tells what would change, in bounded memory. */
export async function runBacktest(options: BacktestOptions): Promise<BacktestReport> {
  const { breaks, before, after, onProgress } = options;
  const judge = createJudge(after);
  const movements = new Map<string, MovedBreaks>();
  const counts = new Map<string, { before: number; after: number }>();
  const unseen = factsReadBy(after);
  const count = (rule: string, when: 'before' | 'after') => {
    const known = counts.get(rule) ?? { before: 0, after: 0 };
    known[when] += 1;
    counts.set(rule, known);
  };
  const report = { events: 0, moved: 0, reworded: 0, newlyUnknown: 0, newlyKnown: 0 };
  let from: number | null = null;
  let to: number | null = null;

  for await (const page of breaks) {
    for (const { id, endedAt, stream, facts, verdict } of page) {
      const old = before ? before(facts) : verdict;
      const now = judge(facts);
      report.events += 1;
      from = from === null ? endedAt : Math.min(from, endedAt);
      to = to === null ? endedAt : Math.max(to, endedAt);
      count(old.rule, 'before');
      count(now.rule, 'after');
      for (const name of unseen) {
        if (Object.hasOwn(facts, name)) {
          unseen.delete(name);
        }
      }
      if (old.rule === now.rule) {
        report.reworded += old.hash === now.hash ? 0 : 1;
        continue;
      }
      report.moved += 1;
      if ((old.category === UNKNOWN) !== (now.category === UNKNOWN)) {
        report[now.category === UNKNOWN ? 'newlyUnknown' : 'newlyKnown'] += 1;
      }
      const key = `${old.rule} ${now.rule}`;
      const known = movements.get(key) ?? { from: old.rule, to: now.rule, count: 0, samples: [] };
      known.count += 1;
      if (known.samples.length < SAMPLES) {
        known.samples.push({ id, endedAt, stream, facts });
      }
      movements.set(key, known);
    }
    onProgress?.(report.events);
  }

  return {
    ...report,
    from,
    to,
    movedPercent: report.events === 0 ? 0 : (report.moved / report.events) * 100,
    movements: [...movements.values()].sort((a, b) => b.count - a.count),
    rules: [...counts]
      .map(([rule, counted]) => ({ rule, ...counted }))
      .sort((a, b) => b.after - a.after || b.before - a.before || (a.rule < b.rule ? -1 : 1)),
    notRecorded: [...unseen].sort(),
  };
}

/** What a build allows. */
export interface BacktestLimits {
  /** 0 to 100. */
  maxMovedPercent?: number;
  /** Breaks that may become unknown. */
  maxUnknown?: number;
}

/** Which limits a report exceeds, in words. */
export function exceededLimits(report: BacktestReport, limits: BacktestLimits): string[] {
  const { maxMovedPercent, maxUnknown } = limits;
  const exceeded: string[] = [];
  if (maxMovedPercent !== undefined && report.movedPercent > maxMovedPercent) {
    exceeded.push(
      `${report.movedPercent.toFixed(2)} % of the breaks get another rule; ${maxMovedPercent} % are allowed`,
    );
  }
  if (maxUnknown !== undefined && report.newlyUnknown > maxUnknown) {
    exceeded.push(`${report.newlyUnknown} breaks become unknown; ${maxUnknown} are allowed`);
  }
  return exceeded;
}
