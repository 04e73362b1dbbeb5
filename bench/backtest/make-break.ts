import type { Diagnoser } from '../../src/diagnosis/run/create-diagnoser.ts';
import { buildFacts } from '../../src/engine/derive/derive-entries.ts';
import type { BreakEvent, BreakRecord } from '../../src/model/break.ts';
import type { FactValue } from '../../src/model/facts.ts';
import { matchReason } from '../../src/reasons/match-reason.ts';
import { ALL_REASONS, type Reason } from '../../src/reasons/reason-catalogue.ts';
import type { Random } from '../diagnosis/random.ts';

const STREAMS = 5_000;
const CLIENTS = 4_000;
const NODES = 120;
const DAY_MS = 86_400_000;

/** Sorted by frequency, so that weights follow Zipf's law. */
const reasons = [...ALL_REASONS]
  .filter(({ kind }) => kind === 'css')
  .sort((a, b) => b.codes.length - a.codes.length || (a.id < b.id ? -1 : 1));
const weights = reasons.map((_reason, rank) => 1 / (rank + 1));
const total = weights.reduce((sum, weight) => sum + weight, 0);

function pickReason(random: Random): Reason {
  let left = random.next() * total;
  const place = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return reasons[Math.max(place, 0)] as Reason;
}

/** Mostly short, sometimes hours, like real pushes. */
function pickDuration(random: Random): number {
  return Math.round(Math.exp(random.next() * 16.5));
}

/**
 * Makes a break as the engine stores it, with the facts of a callback (60 %) or of the API, and
 * diagnoses it. Its nearby counts are random.
 */
export async function makeBreak(
  place: number,
  endedAt: number,
  random: Random,
  diagnoser: Diagnoser,
): Promise<BreakRecord> {
  const byCallback = random.chance(0.6);
  const reason = pickReason(random);
  const code = reason.codes.length > 0 ? random.pick(reason.codes) : null;
  const text = reason.texts.zh[0] ?? reason.texts.en[0] ?? null;
  const match = matchReason({ ...(byCallback ? code : {}), text });
  const number = random.int(0, STREAMS - 1);
  const refused = match.code?.errcode === 18 || match.code?.errcode === 21;
  const durationMs = refused ? 0 : pickDuration(random);
  const event: BreakEvent = {
    id: `${endedAt.toString(36)}-${place.toString(36).padStart(6, '0')}`,
    account: 'default',
    domain: `push-${number % 12}.example.com`,
    app: 'live',
    stream: `shop-${number}`,
    outcome: 'broken',
    startedAt: refused ? null : endedAt - durationMs,
    endedAt,
    durationMs,
    reason: match.reason,
    code: match.code,
    bypassCode: match.bypassCode,
    reasonText: text,
    clientIp: `203.${number % 7}.${(number * 31) % 113}.${random.int(0, CLIENTS) % 251}`,
    node: byCallback ? `198.51.100.${random.int(1, NODES)}` : null,
    resolution: random.chance(0.7) ? '1280*720' : '1920*1080',
    sequence: byCallback ? `26747035${String(place).padStart(11, '0')}` : null,
    recoveredAt: random.chance(0.8) ? endedAt + random.int(1, 600) * 1_000 : null,
    sources: [
      {
        source: byCallback ? 'callback' : 'api',
        key: `26747035${String(place).padStart(11, '0')}:0`,
        receivedAt: endedAt + 2_000,
      },
    ],
    facts: {},
  };
  const derived: Record<string, FactValue> = byCallback
    ? { mainlandChina: true, txTimePresent: true, txSecretPresent: true }
    : {};
  if (byCallback) {
    const expires = Math.round((endedAt + (random.next() - 0.2) * DAY_MS) / 1_000) * 1_000;
    derived.txSecretMatches = random.pick(['yes', 'yes', 'yes', 'no', 'keyUnknown']);
    derived.txTime = new Date(expires).toISOString();
    derived.secondsPastExpiry = Math.round((endedAt - durationMs - expires) / 1_000);
    derived.secondsPastExpiryAtBreak = Math.round((endedAt - expires) / 1_000);
  }
  const before = random.chance(0.6) ? pickReason(random) : null;
  const few = () => Math.floor(Math.exp(random.next() * 4)) - 1;
  const breaksOfStream = before ? few() : 0;
  event.facts = buildFacts({
    event,
    match,
    derived,
    nearbyCounts: {
      previousBreak: before && {
        endedAt: endedAt - pickDuration(random),
        reason: before.id,
        category: before.category,
      },
      breaksOfStream,
      endsOfStream: breaksOfStream,
      breaksOfClientIp: few(),
      breaksOfNode: few(),
      breaksOfDomain: few() * 3,
      sameReasonOfAccount: few() * 3,
      sameReasonOfDomain: few() * 2,
      sameReasonOfApp: few(),
      sameReasonOfNode: few(),
      sameReasonOfClientIp: few(),
      linkCutsOfNode: few(),
      linkCutsOfClientIp: few(),
      isLinkCut: match.reason === 'network',
      isCutOff: { account: false, domain: false, app: false, node: false },
      scopes: byCallback
        ? {
            account: { live: 300, started: 30 },
            domain: { live: 80, started: 8 },
            app: { live: 40, started: 4 },
            node: { live: 25, started: 3 },
          }
        : null,
    },
    apiState: random.chance(0.97) ? 'ok' : 'unreachable',
  });
  const verdict = await diagnoser.judge(event.facts, match);
  return { event: { ...event, outcome: verdict.outcome }, verdict };
}
