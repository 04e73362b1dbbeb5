import type { Outcome } from '../model/vocabulary.ts';
import type { ReasonMatch } from './match-reason.ts';
import { reasonById } from './reason-catalogue.ts';

/** errcodes of pushes that CSS refuses before they start: by its own checks or by remote authentication. */
const REFUSALS = new Set([18, 19]);
/** A refused push has a duration of 0 in CSS's event list. A push of at least this duration was live, ms. */
const LIVE_MS = 1_000;
/** errcodes of a TCP connection that ended without an RTMP message: 3 was closed, 4 failed. */
const SILENT_CLOSES = new Set([3, 4]);

/**
 * Derives the outcome of a push from its reason and code. A push that the client closed with deleteStream or
 * closeStream is `ended`; one whose connection just closed is `broken`, and so is one whose text only
 * resembles that of a normal stop. A rule can set another outcome.
 *
 * @param durationMs - how long the push was live; absent or null when unknown
 */
export function outcomeOf(
  match: Pick<ReasonMatch, 'reason' | 'code'> & {
    bypassCode?: number | null;
    ground?: ReasonMatch['ground'];
  },
  durationMs?: number | null,
): Outcome {
  const outcome = outcomeOfReason(match);
  if (outcome === 'ended' && match.ground === 'similar-text') {
    return 'broken';
  }
  // When an account gets into arrears, CSS ends live pushes with the code that also refuses the next ones.
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
