import type { CheckedEdit, TriedEdit, TryLine } from '../../contract/rules.ts';
import type { AnswerError } from '../../model/errors.ts';

/** An edit of a rule that is being tried, or was. */
export interface Trial {
  /** `cut`: the connection ended before the result. */
  state: 'running' | 'done' | 'failed' | 'cut' | 'cancelled';
  /** Null until lint and tests have answered. */
  checked: CheckedEdit | null;
  /** From 0 to 1; null before the back-test. */
  progress: number | null;
  /** Breaks judged so far. */
  events: number;
  result: TriedEdit | null;
  error: AnswerError | null;
}

/** A trial that has just started. */
export const STARTED: Trial = {
  state: 'running',
  checked: null,
  progress: null,
  events: 0,
  result: null,
  error: null,
};

/** Takes in one line of the answer. */
export function takeLine(trial: Trial, line: TryLine): Trial {
  if ('checked' in line) {
    return { ...trial, checked: line.checked };
  }
  if ('progress' in line) {
    return { ...trial, progress: line.progress, events: line.events };
  }
  return 'result' in line
    ? { ...trial, state: 'done', result: line.result }
    : { ...trial, state: 'failed', error: line.error };
}

/** Takes in the end of the answer. An edit that changes nothing, or that cannot be loaded, has no result. */
export function takeEnd(trial: Trial): Trial {
  if (trial.state !== 'running') {
    return trial;
  }
  const { checked } = trial;
  const isJudged = checked?.rule != null && (!checked.isKnown || checked.changes?.length !== 0);
  return { ...trial, state: checked === null || isJudged ? 'cut' : 'done' };
}
