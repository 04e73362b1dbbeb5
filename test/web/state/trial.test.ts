import { describe, expect, it } from 'vitest';
import type { CheckedEdit, TriedEdit } from '../../../src/contract/rules.ts';
import { STARTED, takeEnd, takeLine } from '../../../src/web/state/trial.ts';

const checked = (changes: Partial<CheckedEdit>): CheckedEdit => ({
  kind: 'rule',
  id: 'auth/a',
  isKnown: true,
  findings: [],
  changes: [{ what: 'priority', before: '1', after: '2' }],
  tests: [],
  broken: [],
  patch: null,
  rule: '{}',
  ...changes,
});
const endOf = (changes: Partial<CheckedEdit>) =>
  takeEnd(takeLine(STARTED, { checked: checked(changes) })).state;

describe('a trial', () => {
  it('keeps what arrived, and is done with its result', () => {
    const result = { events: 9 } as TriedEdit;
    const judging = takeLine(takeLine(STARTED, { checked: checked({}) }), {
      progress: 0.5,
      events: 4,
    });
    expect(judging).toMatchObject({ state: 'running', progress: 0.5, events: 4 });
    const done = takeLine(judging, { result });
    expect(done).toMatchObject({ state: 'done', result, checked: { id: 'auth/a' } });
    expect(takeEnd(done)).toBe(done);
  });

  it('fails with the error of its last line', () => {
    const error = { code: 'STORE_FAILED', message: 'm', remedy: 'r' };
    expect(takeEnd(takeLine(STARTED, { error }))).toMatchObject({ state: 'failed', error });
  });

  it('is cut when the answer ends before the result that the edit must have', () => {
    expect(takeEnd(STARTED).state).toBe('cut');
    expect(endOf({})).toBe('cut');
    expect(endOf({ isKnown: false, changes: [] })).toBe('cut');
  });

  it('is done without a result when the edit changes nothing or cannot be loaded', () => {
    expect(endOf({ changes: [] })).toBe('done');
    expect(endOf({ changes: null, rule: null })).toBe('done');
    expect(endOf({ isKnown: false, changes: null, rule: null })).toBe('done');
  });
});
