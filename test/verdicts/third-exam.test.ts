import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadShippedDiagnoser } from '../helpers/shipped-diagnoser.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';
import { type JudgedSequence, judgeSequence } from './judge-sequence.ts';
import { readSequences } from './third-exam.ts';

const sequences = readSequences();
const judged: JudgedSequence[] = [];
let temporary: TemporaryStore;

beforeAll(async () => {
  temporary = await openTemporaryStore();
  const { store } = temporary;
  const diagnoser = await loadShippedDiagnoser();
  for (const [day, sequence] of sequences.entries()) {
    judged.push(await judgeSequence(sequence, day, { store, diagnoser }));
  }
}, 120_000);

afterAll(() => temporary.remove());

describe('the third exam', () => {
  it('has 67 sequences with more than 500 verdicts, each sequence with its own name', () => {
    expect(new Set(sequences.map(({ id }) => id)).size).toBe(67);
    expect(judged.reduce((sum, { verdicts }) => sum + verdicts, 0)).toBeGreaterThan(500);
  });

  it.each(sequences.map(({ id }, index) => [id, index] as const))('%s', (_id, index) => {
    expect(judged[index]?.faults).toEqual([]);
  });

  it('never finds "certain" where no document supports it', () => {
    const unfair = judged.filter(({ certainUnfair }) => certainUnfair > 0);
    expect(unfair.map(({ sequence }) => sequence.id)).toEqual([]);
  });

  it('finds "certain" in half of the verdicts at least', () => {
    const sum = (key: 'certain' | 'verdicts') => judged.reduce((all, one) => all + one[key], 0);
    expect(sum('certain') / sum('verdicts')).toBeGreaterThanOrEqual(0.5);
  });
});
