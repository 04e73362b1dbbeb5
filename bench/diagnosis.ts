/**
 * Speed of rules: json-rules-engine with all rules, json-rules-engine with one engine per reason, our
 * compiled rules, and only a Map lookup by reason as the lower bound. All find all matching rules of
 * the same events, in one process and in turns.
 *
 * json-rules-engine runs on fewer events, because it is much slower; each round uses the next ones. Its
 * matched rules and traces are compared with ours.
 *
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import { Engine, type RuleProperties } from 'json-rules-engine';
import { type CompiledRules, compileRules } from '../src/diagnosis/compile/compile-rules.ts';
import { reasonsOfRule } from '../src/diagnosis/conditions.ts';
import type { RuleSet } from '../src/diagnosis/rule.ts';
import { loadRules } from '../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createDiagnoser } from '../src/diagnosis/run/create-diagnoser.ts';
import type { Facts } from '../src/model/facts.ts';
import { matchReason, type ReasonInput, type ReasonMatch } from '../src/reasons/match-reason.ts';
import { makeEvents } from './diagnosis/make-events.ts';
import { type BenchRule, makeRules } from './diagnosis/make-rules.ts';
import { createRandom } from './diagnosis/random.ts';

const EVENTS = 20_000;
const ROUNDS = 7;
/** Events per round for json-rules-engine, with all rules and with one engine per reason. */
const REFERENCE_EVENTS = 150;
const INDEXED_EVENTS = 1_500;
/** Passes over all events per round, so that each run is long enough to measure. */
const PASSES = { compiled: 8, lookup: 120 };
const LATENCY_EVENTS = 20_000;

/** Prints progress to stderr. */
function note(line: string): void {
  console.error(line);
}

/** Uses all results, so that the runtime cannot optimise the measured code away. */
let sink = 0;

function newEngine(rules: readonly BenchRule[]): Engine {
  return new Engine(structuredClone(rules) as unknown as RuleProperties[], {
    allowUndefinedFacts: true,
  });
}

type ChooseEngine = (facts: Facts) => Engine;

function engineOfAll(rules: readonly BenchRule[]): ChooseEngine {
  const engine = newEngine(rules);
  return () => engine;
}

function engineOfReason(rules: readonly BenchRule[]): ChooseEngine {
  const general = rules.filter((rule) => !reasonsOfRule(rule));
  const engines = new Map<unknown, Engine>();
  const defaultEngine = newEngine(general);
  for (const reason of new Set(rules.flatMap((rule) => [...(reasonsOfRule(rule) ?? [])]))) {
    const named = rules.filter((rule) => reasonsOfRule(rule)?.has(reason));
    engines.set(reason, newEngine([...named, ...general]));
  }
  return (facts) => engines.get(facts.reason) ?? defaultEngine;
}

async function timeEngine(ask: ChooseEngine, events: readonly Facts[]): Promise<number> {
  const start = performance.now();
  for (const facts of events) {
    const { events: found } = await ask(facts).run(facts);
    sink += found.length;
  }
  return perSecond(events.length, start);
}

// Separate loops, so that the runtime optimises each one alone.

function timeCompiled(compiled: CompiledRules<BenchRule>, events: readonly Facts[]): number {
  let found = 0;
  const start = performance.now();
  for (let pass = 0; pass < PASSES.compiled; pass += 1) {
    for (const facts of events) {
      found += compiled.match(facts).length;
    }
  }
  sink += found;
  return perSecond(events.length * PASSES.compiled, start);
}

function timeLookup(places: ReadonlyMap<unknown, number>, events: readonly Facts[]): number {
  let found = 0;
  const start = performance.now();
  for (let pass = 0; pass < PASSES.lookup; pass += 1) {
    for (const { reason } of events) {
      found += places.get(reason) as number;
    }
  }
  sink += found;
  return perSecond(events.length * PASSES.lookup, start);
}

function perSecond(count: number, start: number): number {
  return (count / (performance.now() - start)) * 1_000;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

/** `count` events from `from` on, starting over at the end. */
function slice(events: readonly Facts[], from: number, count: number): Facts[] {
  return Array.from({ length: count }, (_unused, place) => {
    return events[(from + place) % events.length] as Facts;
  });
}

async function isIdentical(
  compiled: CompiledRules<BenchRule>,
  ask: ChooseEngine,
  askIndexed: ChooseEngine,
  events: readonly Facts[],
): Promise<boolean> {
  for (const facts of events) {
    const { results, failureResults } = await ask(facts).run(facts);
    const expected = new Map(
      [...results, ...failureResults].map((result) => [result.name, result.toJSON(false)]),
    );
    const matched = new Set(results.map((result) => result.name));
    const indexed = new Set((await askIndexed(facts).run(facts)).results.map(({ name }) => name));
    const ours = new Set(compiled.match(facts).map(({ id }) => id));
    if (!isDeepStrictEqual(ours, matched) || !isDeepStrictEqual(indexed, matched)) {
      return false;
    }
    for (const { id, trace } of compiled.rules) {
      if (!isDeepStrictEqual(trace(facts), expected.get(id))) {
        return false;
      }
    }
  }
  return true;
}

async function compareEngines(rules: readonly BenchRule[]) {
  const events = makeEvents(
    rules.map((rule) => rule.conditions),
    EVENTS,
    createRandom(7),
  );
  const compiled = compileRules(rules);
  const ask = engineOfAll(rules);
  const askIndexed = engineOfReason(rules);
  const places = new Map<unknown, number>(events.map(({ reason }, place) => [reason, place]));

  const identical = await isIdentical(compiled, ask, askIndexed, slice(events, 0, 400));
  let matches = 0;
  for (const facts of events) {
    matches += compiled.match(facts).length;
  }

  const rounds: Record<'jre' | 'indexed' | 'ours' | 'lookup', number>[] = [];
  // The first round only warms up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const jre = await timeEngine(ask, slice(events, round * REFERENCE_EVENTS, REFERENCE_EVENTS));
    const indexed = await timeEngine(
      askIndexed,
      slice(events, round * INDEXED_EVENTS, INDEXED_EVENTS),
    );
    const ours = timeCompiled(compiled, events);
    const lookup = timeLookup(places, events);
    if (round > 0) {
      rounds.push({ jre, indexed, ours, lookup });
      note(
        `round ${round}: json-rules-engine ${jre.toFixed(0)}/s, indexed ${indexed.toFixed(0)}/s, compiled rules ${ours.toFixed(0)}/s, Map lookup ${lookup.toFixed(0)}/s`,
      );
    }
  }
  const rate = (name: keyof (typeof rounds)[number]) => median(rounds.map((round) => round[name]));
  const ratio = (a: keyof (typeof rounds)[number], b: keyof (typeof rounds)[number]) =>
    Number(median(rounds.map((round) => round[a] / round[b])).toPrecision(4));
  return {
    jre_events_per_s: Math.round(rate('jre')),
    jre_indexed_events_per_s: Math.round(rate('indexed')),
    compiled_ratio: ratio('ours', 'jre'),
    identical,
    rules: rules.length,
    compiled_indexed_ratio: ratio('ours', 'indexed'),
    compiled_events_per_s: Math.round(rate('ours')),
    lookup_events_per_s: Math.round(rate('lookup')),
    matches_per_event: Number((matches / EVENTS).toFixed(2)),
    events: EVENTS,
    jre_events: REFERENCE_EVENTS * ROUNDS,
    jre_indexed_events: INDEXED_EVENTS * ROUNDS,
  };
}

/** Percentiles, μs. */
function percentiles(took: number[]) {
  const sorted = took.sort((a, b) => a - b);
  const at = (share: number) =>
    Number((sorted[Math.floor(sorted.length * share)] as number).toFixed(1));
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}

/**
 * Measures a live diagnosis as the engine stores it, the same with texts in all languages, and only the
 * matching of rules; each with the traces of all rules for the reason of the event.
 */
async function timeLive(set: RuleSet) {
  const events = makeEvents(
    set.rules.map((rule) => rule.conditions),
    LATENCY_EVENTS,
    createRandom(11),
  );
  const diagnoser = createDiagnoser(set);
  const compiled = compileRules(set.rules, { index: ['reason'] });
  const matched = events.map(({ errcode, subErrcode, bypassCode, reason }): ReasonMatch => {
    const match = matchReason({ errcode, subErrcode, bypassCode } as ReasonInput);
    return { ...match, reason: reason as string };
  });
  const trace = (facts: Facts) => {
    for (const { rule } of compiled.candidates(facts)) {
      sink += rule.trace(facts).result ? 1 : 0;
    }
  };
  const contenders = {
    live_us: (facts: Facts, match: ReasonMatch) => diagnoser.judge(facts, match),
    live_with_texts_us: (facts: Facts, match: ReasonMatch) => diagnoser.diagnose(facts, match),
    match_and_trace_us: (facts: Facts) => compiled.match(facts),
  };
  const took = Object.entries(contenders).map(([name, run]) => ({ name, run, us: [] as number[] }));
  // The first pass only warms up.
  for (const pass of [0, 1]) {
    for (const [place, facts] of events.entries()) {
      for (const { run, us } of took) {
        const start = performance.now();
        const answer = await run(facts, matched[place] as ReasonMatch);
        trace(facts);
        const end = performance.now();
        sink += answer ? 1 : 0;
        if (pass === 1) {
          us.push((end - start) * 1_000);
        }
      }
    }
  }
  return Object.fromEntries(took.map(({ name, us }) => [name, percentiles(us)]));
}

const { ruleSet } = await loadRules([shippedRulesFolder()]);
note(`live, ${ruleSet.rules.length} shipped rules`);
const live = await timeLive(ruleSet);
note('shipped rules');
const shipped = await compareEngines(
  ruleSet.rules.map(({ id, priority, conditions }) => {
    // Without the texts, which json-rules-engine would copy for each event.
    return { id, name: id, priority, conditions, event: { type: id } };
  }),
);
note('synthetic rules');
const synthetic = await compareEngines(makeRules(createRandom(1)));
if (sink === 0) {
  throw new Error('nothing was measured');
}
const figures = { ...shipped, ...live, synthetic_rules: synthetic, node: process.version };
if (process.argv.includes('--json')) {
  console.log(JSON.stringify(figures));
} else {
  console.dir(figures, { depth: null });
}
