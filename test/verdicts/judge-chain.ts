import { createRandom } from '../../bench/diagnosis/random.ts';
import type { Diagnoser } from '../../src/diagnosis/run/create-diagnoser.ts';
import type { ApiState } from '../../src/engine/derive/derive-entries.ts';
import { LiveStreams } from '../../src/engine/derive/live-streams.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import type { Incident } from '../../src/model/incident.ts';
import { groupHistory, readHistory } from '../../src/queries/incidents/history.ts';
import type { Store } from '../../src/store/store.ts';
import { deriveJournal } from '../helpers/derive-journal.ts';
import { type ChainScript, type ExpectedIncident, streamName } from './chain.ts';
import { type Message, messagesOf, type Noise } from './chain-messages.ts';
import { playChain } from './play-chain.ts';

/** What came out of one playing of a chain. */
export interface JudgedChain {
  incidents: Incident[];
  /** What is wrong with the causes; empty when all are right. */
  causeFaults: string[];
  /** What is wrong with number, scope, streams, first cause or blocker. */
  shapeFaults: string[];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Moment 0 of the first play, epoch ms UTC. */
const FIRST_DAY = Date.UTC(2026, 2, 2, 12, 0, 0);
/** Messages that come in at once; the deriver takes as many. */
const BATCH = 120;
/** The account in scripts. */
const SCRIPT_ACCOUNT = 'main';

/** The noise of a seed: odd ones delay messages as life does, even ones shuffle them at will. */
function noiseOf(seed: number, account: string): Noise {
  const random = createRandom(seed * 7_919);
  // The first numbers of neighbouring seeds are alike.
  for (let skip = 0; skip < 10; skip += 1) {
    random.next();
  }
  return {
    account,
    random,
    drop: 0.05,
    clockMs: random.int(-1_500, 1_500),
    ourClockMs: 0,
    shuffled: seed % 2 === 0,
    language: random.pick(['zh', 'en', 'ja', 'ko']),
    numbers: seed % 3 !== 0,
  };
}

/**
 * Plays a chain once, in an account and on a day of its own: real callbacks and records, the real deriving on the
 * given store, then incidents as the incidents query makes them.
 *
 * @param day - number of the play; what several accounts share, such as a node, must not meet
 */
export async function judgeChain(
  script: ChainScript,
  seed: number,
  day: number,
  { store, diagnoser }: { store: Store; diagnoser: Diagnoser },
): Promise<JudgedChain> {
  const account = `${script.id} ${seed}`;
  const noise = { ...noiseOf(seed, account), ourClockMs: (script.ourClockS ?? 0) * 1_000 };
  const moment0 = FIRST_DAY + day * DAY;
  const pushes = playChain(script, noise.random, moment0);
  const messages = messagesOf(pushes, noise);
  const apiState = (now: number) =>
    script.apiState?.findLast(({ at }) => moment0 + at * 1_000 <= now)?.state ?? 'ok';
  await take(messages, apiState, store, diagnoser);
  // A slow clock of ours has come to the last event, too.
  const ends = pushes.map(({ endedAt, startedAt }) => endedAt ?? startedAt);
  const now = Math.max(messages.at(-1)?.arrivesAt ?? moment0, ...ends) + 1_000;
  const range = { from: moment0 - HOUR, to: now };
  const { records } = await readHistory(range, [account], ['broken', 'refused'], { store });
  const since = () => moment0 - 3 * HOUR;
  const found = await groupHistory(records, now, { store, pushesSince: since });
  const incidents = found.map((one) => one.summarize());
  return { incidents, ...compare(script, incidents, account) };
}

async function take(
  messages: readonly Message[],
  apiState: (now: number) => ApiState,
  store: Store,
  diagnoser: Diagnoser,
): Promise<void> {
  const live = new LiveStreams(store);
  for (let from = 0; from < messages.length; from += BATCH) {
    const batch = messages.slice(from, from + BATCH);
    await store.append(batch.map(({ entry }) => entry));
    const state = apiState(batch.at(-1)?.arrivesAt ?? 0);
    await deriveJournal({ store, diagnoser, live, apiState: () => state });
  }
}

/** Holds incidents against what has to come out. */
function compare(script: ChainScript, incidents: readonly Incident[], account: string) {
  const expected = script.expect.incidents;
  const causeFaults: string[] = [];
  const shapeFaults: string[] = [];
  if (incidents.length !== expected.length) {
    const list = incidents.map(
      ({ scope, streams, cause }) =>
        `${scope.kind} ${scope.value} ${streams} ${cause.verdict.rule.id}`,
    );
    const fault = `${incidents.length} incidents, not ${expected.length}: ${list.join('; ')}`;
    (expected.length === 0 ? causeFaults : shapeFaults).push(fault);
  }
  for (const wanted of expected) {
    const streams = streamsOf(script, wanted);
    const best = [...incidents].sort((a, b) => overlap(b, streams) - overlap(a, streams))[0];
    if (!best || overlap(best, streams) === 0) {
      causeFaults.push(`no incident of ${wanted.groups.join(', ')}`);
      continue;
    }
    causeFaults.push(...faultsOfCause(best, wanted));
    shapeFaults.push(...faultsOfShape(best, wanted, streams, account));
  }
  return { causeFaults, shapeFaults };
}

function streamsOf({ groups }: ChainScript, wanted: ExpectedIncident): Set<string> {
  return new Set(
    wanted.groups.flatMap((name) => {
      const group = groups[name];
      if (!group) {
        throw new Error(`no group ${name}`);
      }
      return Array.from({ length: group.count }, (_unused, index) => streamName(group, index + 1));
    }),
  );
}

function overlap(incident: Incident, streams: ReadonlySet<string>): number {
  return [...namesOf(incident)].filter((name) => streams.has(name)).length;
}

function namesOf({ chains }: Incident): Set<string> {
  return new Set(chains.map(({ stream }) => stream));
}

function faultsOfCause({ cause }: Incident, wanted: ExpectedIncident): string[] {
  const { category, reason, side, rule } = cause.verdict;
  return [
    ...(category === wanted.category ? [] : [`category ${category}, not ${wanted.category}`]),
    ...(wanted.reasons.includes(reason)
      ? []
      : [`reason ${reason}, not ${wanted.reasons.join(' or ')}`]),
    ...(wanted.rules.includes(rule.id)
      ? []
      : [`rule ${rule.id}, not ${wanted.rules.join(' or ')}`]),
    ...(wanted.side === undefined || wanted.side === side
      ? []
      : [`side ${side}, not ${wanted.side}`]),
  ];
}

function faultsOfShape(
  incident: Incident,
  wanted: ExpectedIncident,
  streams: ReadonlySet<string>,
  account: string,
): string[] {
  const { scope, chains } = incident;
  const scopes = wanted.scope === undefined ? null : [wanted.scope].flat();
  const fits = scopes?.some(
    ({ kind, value }) =>
      kind === scope.kind &&
      (value === undefined || (value === SCRIPT_ACCOUNT ? account : value) === scope.value),
  );
  const names = namesOf(incident);
  const missing = [...streams].filter((name) => !names.has(name)).length;
  const strange = [...names].filter((name) => !streams.has(name)).length;
  const first = mostFrequent(chains.map(({ firstCause }) => firstCause));
  const blocker = mostFrequent(chains.map((chain) => chain.blocker));
  return [
    ...(fits === false ? [`scope ${scope.kind} ${scope.value}`] : []),
    ...(missing + strange > 0 ? [`${missing} streams missing, ${strange} strange`] : []),
    ...(wanted.firstCause === undefined || wanted.firstCause === first
      ? []
      : [`first cause ${first}, not ${wanted.firstCause}`]),
    ...(wanted.blocker === undefined || wanted.blocker === blocker
      ? []
      : [`blocker ${blocker}, not ${wanted.blocker}`]),
  ];
}

/** The reason that most outages name, or null. */
export function mostFrequent(records: readonly (BreakRecord | null)[]): string | null {
  const counts = new Map<string | null, number>();
  for (const record of records) {
    const reason = record?.verdict.reason ?? null;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
