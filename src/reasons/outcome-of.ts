import type { Outcome } from '../model/vocabulary.ts';
import type { ReasonMatch } from './match-reason.ts';
import { reasonById } from './reason-catalogue.ts';

/** errcodes with which CSS refuses a push before it starts: its checks, and remote authentication. */
const REFUSALS = new Set([18, 19]);
/** A refused push has a duration of 0 in CSS's event list; one that lasted was live and was cut. */
const LIVE_MS = 1_000;
/** The client's TCP connection went away without a word: 3 was closed, 4 failed. */
const SILENT_CLOSES = new Set([3, 4]);

/**
 * How the push came to an end, as far as reason and code tell. A client that says goodbye
 * (deleteStream, closeStream) ended its push; one whose connection just went away broke. A rule
 * may say otherwise.
 *
 * @param durationMs - how long the push had been live; absent or null when nobody knows
 */
export function outcomeOf(
  match: Pick<ReasonMatch, 'reason' | 'code'> & { bypassCode?: number | null },
  durationMs?: number | null,
): Outcome {
  const outcome = outcomeOfReason(match);
  // An account that falls into arrears cuts pushes with the same code that refuses the next ones.
  return outcome === 'refused' && (durationMs ?? 0) >= LIVE_MS ? 'broken' : outcome;
}

function outcomeOfReason(
  match: Pick<ReasonMatch, 'reason' | 'code'> & { bypassCode?: number | null },
): Outcome {
  const errcode = match.code?.errcode;
  const reason = reasonById(match.reason);
  if (reason?.kind === 'bypass') {
    return reason.outcome;
  }
  if (errcode !== undefined && REFUSALS.has(errcode)) {
    return 'refused';
  }
  if (match.reason === 'client_closed') {
    return errcode !== undefined && SILENT_CLOSES.has(errcode) ? 'broken' : 'ended';
  }
  if (match.reason === 'unrecognized' && typeof match.bypassCode === 'number') {
    return 'refused';
  }
  return reason?.outcome ?? 'broken';
}
