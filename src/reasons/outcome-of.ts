import type { Outcome } from '../model/vocabulary.ts';
import type { ReasonMatch } from './match-reason.ts';
import { reasonById } from './reason-catalogue.ts';

/** errcodes with which CSS refuses a push before it starts: its checks, and remote authentication. */
const REFUSALS = new Set([18, 19]);
/** The client's TCP connection went away without a word: 3 was closed, 4 failed. */
const SILENT_CLOSES = new Set([3, 4]);

/**
 * How the push came to an end, as far as reason and code tell. A client that says goodbye
 * (deleteStream, closeStream) ended its push; one whose connection just went away broke. A rule
 * may say otherwise.
 */
export function outcomeOf(
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
