import type { BreakEvent } from '../../model/break-event.ts';
import type { Facts, FactValue } from '../../model/facts.ts';
import { printReasonCode } from '../../model/reason-code.ts';
import type { ReasonMatch } from '../../reasons/match-reason.ts';
import type { NearbyCounts } from '../../store/store.ts';

/** What the account's API said last; undefined while it was never asked. */
export type ApiState = 'ok' | 'stopped' | 'credentials' | 'permission' | 'unreachable';

/** What went before an event, of its stream and around it. */
export interface History extends NearbyCounts {
  previousBreak: { endedAt: number; reason: string; category: string } | null;
  breaksOfStream: number;
  /** Normal stops included. */
  endsOfStream: number;
}

/** The parts that facts are made of. */
export interface FactParts {
  event: Omit<BreakEvent, 'outcome' | 'recoveredAt' | 'facts' | 'sources' | 'id'>;
  /** What the reason was found by; its code may be known from the words alone. */
  match: ReasonMatch;
  /** Derived from the push URL before it was masked. */
  derived: Record<string, FactValue>;
  nearbyCounts: History | null;
  apiState: ApiState | undefined;
}

/**
 * Builds the fact snapshot of one event. What is not known is left out, so that a rule can tell
 * "no" from "nobody knows".
 */
export function buildFacts({ event, match, derived, nearbyCounts, apiState }: FactParts): Facts {
  const code = match.code ?? event.code;
  const known: Record<string, FactValue | null | undefined> = {
    reason: event.reason,
    code: code ? printReasonCode(code) : null,
    errcode: code?.errcode,
    subErrcode: code?.subErrcode,
    bypassCode: match.bypassCode ?? event.bypassCode,
    reasonText: event.reasonText,
    account: event.account,
    domain: event.domain,
    app: event.app,
    stream: event.stream,
    clientIp: event.clientIp,
    node: event.node,
    resolution: event.resolution,
    durationMs: event.durationMs,
    secondsLive: event.durationMs === null ? null : Math.floor(event.durationMs / 1000),
    ...derived,
    ...historyFacts(event, nearbyCounts),
    apiState,
  };
  const facts: Facts = {};
  for (const [name, value] of Object.entries(known)) {
    if (value !== null && value !== undefined && value !== '') {
      facts[name] = value;
    }
  }
  return facts;
}

function historyFacts(
  event: FactParts['event'],
  history: History | null,
): Record<string, FactValue | null> {
  if (!history) {
    return {};
  }
  const previous = history.previousBreak;
  return {
    previousReason: previous?.reason ?? null,
    previousCategory: previous?.category ?? null,
    secondsSincePreviousBreak: previous
      ? Math.round((event.endedAt - previous.endedAt) / 1000)
      : null,
    breaksOfStream10m: history.breaksOfStream,
    endsOfStream10m: history.endsOfStream,
    breaksOfClientIp5m: event.clientIp === null ? null : history.breaksOfClientIp,
    breaksOfNode5m: event.node === null ? null : history.breaksOfNode,
    breaksOfDomain5m: history.breaksOfDomain,
  };
}
