import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judgeAlerts } from '../../src/alerts/judge/judge-alerts.ts';
import { alertThreshold } from '../../src/alerts/judge/subject-of-incident.ts';
import type { RuleSet } from '../../src/diagnosis/rule.ts';
import { createDiagnoser } from '../../src/diagnosis/run/create-diagnoser.ts';
import { deriveEntries } from '../../src/engine/derive/derive-entries.ts';
import { LiveStreams } from '../../src/engine/derive/live-streams.ts';
import { IncidentBook } from '../../src/engine/incidents/incident-book.ts';
import { IncidentMemory } from '../../src/engine/incidents/incident-memory.ts';
import { loadBreaks } from '../../src/engine/incidents/load-incident-memory.ts';
import { INCIDENT_OPTIONS } from '../../src/incidents/options.ts';
import type { AlertInstance, RuleAlert } from '../../src/model/alert.ts';
import type { Incident } from '../../src/model/incident.ts';
import { NO_MUTE_INTERVALS } from '../../src/model/mute-intervals.ts';
import type { AlertNotice } from '../../src/model/notice.ts';
import { groupHistory, readHistory } from '../../src/queries/incidents/history.ts';
import { openThreadStore } from '../../src/store/open-thread-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { type Message, messagesOf } from '../../test/verdicts/chain-messages.ts';
import type { PlayedPush } from '../../test/verdicts/play-chain.ts';
import { createIndependentRandom, type Random } from '../diagnosis/random.ts';

/** What the parts of the server make of a fleet, one turn after the other. */
export interface FleetListener {
  /** All current incidents, and the notices that were sent in this turn. Time is epoch ms UTC. */
  turned(incidents: readonly Incident[], notices: readonly AlertNotice[], now: number): void;
  /** Once an hour: how many incidents were compared with those that the query groups, and which differ. */
  compared(count: number, different: readonly string[]): void;
}

/** How to play a fleet. */
export interface PlayOptions {
  rules: RuleSet;
  /** Start of the fleet's time, epoch ms UTC. */
  moment0: number;
  seed: number;
  /** Messages that arrive within this time are worked on together, ms. */
  gatherMs: number;
}

const ACCOUNT = 'default';
/** Entries that are derived together. */
const BATCH = 250;
const SLICE_MS = 600_000;
const MAX_REREADS = 3;
const COMPARE_EVERY_MS = 3_600_000;
/** The list of live streams is read once in this time, ms. */
const LIST_EVERY_MS = 60_000;

/**
 * Plays pushes to the parts of the server, with a driven clock: callbacks and event lists, derived and
 * diagnosed on a store in a temporary folder, then incidents and alerts as their thread makes them.
 *
 * @param pushes - in order of their starts
 */
export async function playFleet(
  pushes: readonly PlayedPush[],
  { rules, moment0, seed, gatherMs }: PlayOptions,
  listener: FleetListener,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-noise-'));
  const store = await openSqliteStore({ folder });
  const deriving = openThreadStore(store.share);
  const diagnoser = createDiagnoser(rules);
  const live = new LiveStreams(deriving);
  const alertParts: Record<string, RuleAlert> = Object.fromEntries(
    rules.rules.flatMap(({ id, event }) =>
      event.params.alert ? [[id, event.params.alert] as const] : [],
    ),
  );
  const book = new IncidentBook();
  let alerts: AlertInstance[] = [];
  let compareAt = moment0 + COMPARE_EVERY_MS;
  const memory = new IncidentMemory({
    options: INCIDENT_OPTIONS,
    isName: (id) =>
      book.isFounder(id) || alerts.some(({ labels }) => labels.incident === `inc-${id}`),
    thresholdOf: (record) => alertThreshold(record, alertParts),
  });
  memory.knowPushesSince({ [ACCOUNT]: moment0 });

  /** @returns whether a break is new or changed; pushes alone change no incident */
  async function take(messages: readonly Message[], now: number): Promise<boolean> {
    let hasNews = false;
    for (let from = 0; from < messages.length; from += BATCH) {
      await store.append(messages.slice(from, from + BATCH).map(({ entry }) => entry));
      const entries = await deriving.journal(await deriving.cursor(), BATCH);
      const batch = await deriveEntries(entries, {
        store: deriving,
        diagnoser,
        apiState: () => 'ok',
        live,
      });
      await deriving.commit(batch);
      memory.take(batch.breaks, batch.removed, batch.pushes, now);
      hasNews ||=
        batch.removed.length > 0 || batch.breaks.some(({ event }) => event.outcome !== 'ended');
    }
    return hasNews;
  }

  /** Groups the stored breaks again, as the incidents query does, and compares. */
  async function compare(held: readonly Incident[], now: number): Promise<void> {
    const range = { from: now - COMPARE_EVERY_MS, to: now + 1 };
    const history = await readHistory(range, [ACCOUNT], ['broken', 'refused'], { store });
    const pushesSince = () => moment0;
    const found = await groupHistory(history.records, now, { store, pushesSince });
    const queried = new Map(found.map((one) => [one.id, one]));
    const of = (incident: Incident | undefined) =>
      incident &&
      JSON.stringify([
        incident.state,
        incident.scope,
        incident.startedAt,
        incident.endedAt,
        incident.streams,
        incident.streamsDown,
        incident.outages,
        incident.cause.verdict.rule.id,
      ]);
    const different = held.flatMap((incident) => {
      const query = queried.get(incident.id.slice('inc-'.length));
      const [a, b] = [of(incident), of(query?.summarize())];
      return a === b ? [] : [`${incident.id}: held ${a}, query ${b}`];
    });
    const known = new Set(held.map(({ id }) => id));
    const missing = found
      .filter(({ id }) => !known.has(`inc-${id}`))
      .map((one) => one.summarize())
      .filter(({ state }) => state === 'open' || state === 'recovered')
      .map((incident) => `${incident.id}: not held, query ${of(incident)}`);
    listener.compared(held.length, [...different, ...missing]);
  }

  /** @returns when time alone changes something, epoch ms UTC */
  async function turn(now: number): Promise<number> {
    let grouped = memory.recluster(now);
    for (let tries = 0; memory.stale.length > 0 && tries < MAX_REREADS; tries += 1) {
      for (const stale of memory.stale) {
        memory.reset(stale.account);
        await loadBreaks(deriving, memory, stale, now);
      }
      grouped = memory.recluster(now);
    }
    const { incidents } = book.turn(grouped.incidents, grouped.at);
    memory.fold();
    // Messages up to now were taken, and with them the list that was read last.
    const liveListAt = Math.floor(now / LIST_EVERY_MS) * LIST_EVERY_MS;
    const outcome = judgeAlerts({
      previous: alerts,
      incidents,
      forewarnings: [],
      accounts: [{ account: ACCOUNT, blind: false, blindSince: null, service: 'ok', liveListAt }],
      alertOf: (rule) => alertParts[rule],
      mute: NO_MUTE_INTERVALS,
      cardOf: () => [],
      now: grouped.at,
    });
    alerts = outcome.instances;
    listener.turned(incidents, outcome.notices, now);
    if (now >= compareAt) {
      compareAt = now + COMPARE_EVERY_MS;
      await compare(grouped.incidents, grouped.at);
    }
    return Math.min(
      grouped.wakeAt ?? Number.POSITIVE_INFINITY,
      outcome.wakeAt ?? Number.POSITIVE_INFINITY,
      alerts.some(({ state }) => state === 'pending')
        ? liveListAt + LIST_EVERY_MS
        : Number.POSITIVE_INFINITY,
    );
  }

  try {
    const source = new MessageSource(pushes, seed, moment0);
    let wakeAt = Number.POSITIVE_INFINITY;
    let now = moment0;
    for (;;) {
      const next = Math.min(source.nextAt, wakeAt);
      if (next === Number.POSITIVE_INFINITY || source.isEmpty) {
        break;
      }
      now = Math.max(next, now + gatherMs);
      const hasNews = await take(source.until(now), now);
      if (hasNews || now >= wakeAt) {
        wakeAt = await turn(now);
      }
    }
  } finally {
    await deriving.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes the messages of pushes slice by slice, so that a day of a large fleet fits into memory. */
class MessageSource {
  readonly #pushes: readonly PlayedPush[];
  readonly #random: Random;
  #made = 0;
  #until: number;
  /** In order of arrival. */
  #pending: Message[] = [];
  #first = 0;

  constructor(pushes: readonly PlayedPush[], seed: number, moment0: number) {
    this.#pushes = pushes;
    this.#random = createIndependentRandom(seed * 104_729 + 11);
    this.#until = moment0;
    this.#fill();
  }

  get isEmpty(): boolean {
    return this.#made === this.#pushes.length && this.#first === this.#pending.length;
  }

  get nextAt(): number {
    return this.#pending[this.#first]?.arrivesAt ?? Number.POSITIVE_INFINITY;
  }

  /** The messages that arrive up to this moment, epoch ms UTC. */
  until(now: number): Message[] {
    while (this.#until <= now && this.#made < this.#pushes.length) {
      this.#fill();
    }
    const from = this.#first;
    while (this.nextAt <= now) {
      this.#first += 1;
    }
    return this.#pending.slice(from, this.#first);
  }

  #fill(): void {
    const slice: PlayedPush[] = [];
    do {
      this.#until += SLICE_MS;
      for (
        let push = this.#pushes[this.#made];
        push && push.startedAt < this.#until;
        push = this.#pushes[this.#made]
      ) {
        slice.push(push);
        this.#made += 1;
      }
    } while (slice.length === 0 && this.#made < this.#pushes.length);
    const messages = messagesOf(slice, {
      account: ACCOUNT,
      random: this.#random,
      drop: 0.01,
      clockMs: 0,
      ourClockMs: 0,
      shuffled: false,
      late: 0.01,
      listEveryMs: LIST_EVERY_MS,
      language: 'en',
      numbers: true,
    });
    this.#pending = [...this.#pending.slice(this.#first), ...messages].sort(
      (a, b) => a.arrivesAt - b.arrivesAt,
    );
    this.#first = 0;
  }
}
