import type { Diagnoser } from '../../src/diagnosis/run/create-diagnoser.ts';
import { LiveStreams } from '../../src/engine/derive/live-streams.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import type { Diagnosis } from '../../src/model/diagnosis.ts';
import type { Incident } from '../../src/model/incident.ts';
import { renderDiagnosis } from '../../src/model/render-template.ts';
import { LANGUAGES, type Language } from '../../src/model/vocabulary.ts';
import { groupHistory, readHistory } from '../../src/queries/incidents/history.ts';
import type { Store } from '../../src/store/store.ts';
import { deriveJournal } from '../helpers/derive-journal.ts';
import { fill } from './chain.ts';
import { mostFrequent } from './judge-chain.ts';
import { UNFILLED } from './second-exam.ts';
import { messagesOf } from './sequence-messages.ts';
import {
  type ExpectedIncident,
  type ExpectedVerdict,
  incidentsOf,
  type Member,
  membersOf,
  type Sequence,
  verdictsOf,
} from './third-exam.ts';

/** What came out of a sequence. */
export interface JudgedSequence {
  sequence: Sequence;
  verdicts: number;
  /** Verdicts that are `certain`, and those of them that no document supports. */
  certain: number;
  certainUnfair: number;
  /** What is wrong with it; empty when all is right. */
  faults: string[];
}

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** Moment 0 of the first sequence, epoch ms UTC. */
const FIRST_DAY = Date.UTC(2027, 0, 4, 12, 0, 0);
/**
 * Plays a sequence through the real import, derivation and grouping, on a day of its own, and judges verdicts and
 * incidents.
 *
 * @param day - number of the sequence; streams of different sequences must not influence each other
 */
export async function judgeSequence(
  sequence: Sequence,
  day: number,
  { store, diagnoser }: { store: Store; diagnoser: Diagnoser },
): Promise<JudgedSequence> {
  const moment0 = FIRST_DAY + day * DAY;
  const faults: string[] = [];
  const messages = messagesOf(sequence, moment0, faults);
  for (const { entry } of messages) {
    await store.append([entry]);
  }
  const apiState = () => sequence.apiState ?? 'ok';
  const live = new LiveStreams(store);
  await deriveJournal({ store, diagnoser, live, apiState });
  const judged: JudgedSequence = { sequence, verdicts: 0, certain: 0, certainUnfair: 0, faults };
  const templates = diagnoser.texts();
  for (const [on, expected] of verdictsOf(sequence)) {
    for (const member of membersOf(sequence, on).slice((expected.from ?? 1) - 1)) {
      const records = await breaksOf(member, moment0, store);
      const record = chosen(records, expected, moment0);
      judged.verdicts += 1;
      if (!record) {
        faults.push(`${member.name}: no break`);
        continue;
      }
      const texts = templates.find(({ ruleHash }) => ruleHash === record.verdict.rule.hash);
      const diagnosis = renderDiagnosis(record.verdict, texts, record.event.facts);
      const isCertain = diagnosis.confidence === 'certain';
      judged.certain += isCertain ? 1 : 0;
      judged.certainUnfair += isCertain && expected.certain === 'wrong' ? 1 : 0;
      for (const fault of faultsOfVerdict(expected, record, diagnosis)) {
        faults.push(`${member.name}: ${diagnosis.rule.id}: ${fault}`);
      }
      if (expected.breaks !== undefined && records.length !== expected.breaks) {
        faults.push(`${member.name}: ${records.length} breaks, not ${expected.breaks}`);
      }
    }
  }
  const incidents = incidentsOf(sequence);
  if (incidents) {
    const now = Math.max(moment0, ...messages.map(({ arrivesAt }) => arrivesAt)) + 30_000;
    const range = { from: moment0 - 6 * HOUR, to: now };
    const { records } = await readHistory(range, [sequence.id], ['broken', 'refused'], { store });
    const since = () => moment0 - 8 * HOUR;
    const found = await groupHistory(records, now, { store, pushesSince: since });
    faults.push(
      ...faultsOfIncidents(
        sequence,
        incidents,
        found.map((one) => one.summarize()),
      ),
    );
  }
  return judged;
}

async function breaksOf(member: Member, moment0: number, store: Store): Promise<BreakRecord[]> {
  const { group, name, index, account } = member;
  const domain = fill(group.domain ?? 'push.example.com', index);
  const key = { account, domain, app: group.app ?? 'live', stream: name };
  const range = { from: moment0 - 6 * HOUR, to: moment0 + HOUR };
  const found = await store.breaksOfStream(key, range);
  return found.sort((a, b) => a.event.endedAt - b.event.endedAt);
}

function chosen(
  records: readonly BreakRecord[],
  { at }: ExpectedVerdict,
  moment0: number,
): BreakRecord | undefined {
  if (at === undefined) {
    return records.at(-1);
  }
  const distance = ({ event }: BreakRecord) => Math.abs(event.endedAt - moment0 - at * 1_000);
  return [...records].sort((a, b) => distance(a) - distance(b))[0];
}

function faultsOfVerdict(
  expect: ExpectedVerdict,
  { event, verdict }: BreakRecord,
  diagnosis: Diagnosis,
): string[] {
  const { category, retry, confidence } = diagnosis;
  const kind = /^\d+s$/.test(retry) ? 'wait' : retry;
  const words = (language: Language) =>
    [diagnosis.cause, ...diagnosis.fix].map((text) => text[language] ?? '').join('\n');
  const says = (pattern: string, language: Language) =>
    new RegExp(pattern, 'i').test(words(language));
  const checks: [boolean, string][] = [
    [expect.category.includes(category), `category ${category}, not ${expect.category}`],
    [expect.side.includes(diagnosis.side), `side ${diagnosis.side}, not ${expect.side}`],
    [expect.retry.includes(kind), `retry ${retry}, not ${expect.retry}`],
    [expect.outcome.includes(event.outcome), `outcome ${event.outcome}, not ${expect.outcome}`],
    [
      expect.reason === undefined || expect.reason.includes(verdict.reason),
      `reason ${verdict.reason}, not ${expect.reason}`,
    ],
    [says(expect.says, 'en'), `does not say ${expect.says}`],
    [says(expect.saysInChinese, 'zh'), `does not say ${expect.saysInChinese}`],
    [expect.neverSays === undefined || !says(expect.neverSays, 'en'), `says ${expect.neverSays}`],
    [
      confidence !== 'certain' || expect.certain === 'fair',
      '"certain", which no document supports',
    ],
    [!LANGUAGES.some((language) => UNFILLED.test(words(language))), 'a text is not filled'],
  ];
  return checks.filter(([right]) => !right).map(([, fault]) => fault);
}

function faultsOfIncidents(
  sequence: Sequence,
  expected: readonly ExpectedIncident[],
  incidents: readonly Incident[],
): string[] {
  const faults: string[] = [];
  if (incidents.length !== expected.length) {
    const list = incidents.map(
      ({ scope, streams, cause }) =>
        `${scope.kind} ${scope.value} ${streams} ${cause.verdict.rule.id}`,
    );
    faults.push(`${incidents.length} incidents, not ${expected.length}: ${list.join('; ')}`);
  }
  const namesIn = (groups: readonly string[]) =>
    new Set(groups.flatMap((on) => membersOf(sequence, on).map(({ name }) => name)));
  for (const wanted of expected) {
    const streams = namesIn(wanted.of);
    const overlap = ({ chains }: Incident) =>
      new Set(chains.map(({ stream }) => stream).filter((name) => streams.has(name))).size;
    const best = [...incidents].sort((a, b) => overlap(b) - overlap(a))[0];
    if (!best || overlap(best) === 0) {
      faults.push(`no incident of ${wanted.of}`);
      continue;
    }
    faults.push(...faultsOfIncident(best, wanted, streams, namesIn(wanted.may ?? [])));
  }
  return faults;
}

function faultsOfIncident(
  { scope, chains, cause, state }: Incident,
  wanted: ExpectedIncident,
  streams: ReadonlySet<string>,
  optional: ReadonlySet<string>,
): string[] {
  const names = new Set(chains.map(({ stream }) => stream));
  const missing = [...streams].filter((name) => !names.has(name)).length;
  const strange = [...names].filter((name) => !streams.has(name) && !optional.has(name)).length;
  const first = mostFrequent(chains.map(({ firstCause }) => firstCause));
  const blocker = mostFrequent(chains.map((chain) => chain.blocker));
  const { category, side } = cause.verdict;
  const checks: [boolean, string][] = [
    [wanted.category.includes(category), `category ${category}, not ${wanted.category}`],
    [wanted.side?.includes(side) ?? true, `side ${side}, not ${wanted.side}`],
    [
      wanted.scope.some(
        ({ kind, value }) => kind === scope.kind && (value === undefined || value === scope.value),
      ),
      `scope ${scope.kind} ${scope.value}`,
    ],
    [missing + strange === 0, `${missing} streams missing, ${strange} strange`],
    [
      wanted.firstCause === undefined || wanted.firstCause === first,
      `first cause ${first}, not ${wanted.firstCause}`,
    ],
    [
      wanted.blocker === undefined || wanted.blocker === blocker,
      `blocker ${blocker}, not ${wanted.blocker}`,
    ],
    [wanted.state?.includes(state) ?? true, `state ${state}, not ${wanted.state}`],
  ];
  return checks
    .filter(([right]) => !right)
    .map(([, fault]) => `incident of ${wanted.of}: ${fault}`);
}
