import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadShippedDiagnoser } from '../helpers/shipped-diagnoser.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';
import { type JudgedCase, judgeCase, readCases } from './second-exam.ts';

const cases = readCases();
const judged: JudgedCase[] = [];
let temporary: TemporaryStore;

beforeAll(async () => {
  temporary = await openTemporaryStore();
  const { store } = temporary;
  const diagnoser = await loadShippedDiagnoser();
  for (const [day, given] of cases.entries()) {
    judged.push(await judgeCase(given, day, { store, diagnoser }));
  }
});

afterAll(() => temporary.remove());

describe('the second exam', () => {
  it('has 81 cases, each with its own name', () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(81);
  });

  it('passes every case', () => {
    expect(
      judged.flatMap(({ given, faults }) => faults.map((fault) => `${given.id}: ${fault}`)),
    ).toEqual([]);
  });

  it('never finds "certain" where nobody can be', () => {
    const sure = judged.filter(({ diagnosis }) => diagnosis.confidence === 'certain');
    expect(
      sure.filter(({ given }) => given.expect.certain === 'wrong').map(({ given }) => given.id),
    ).toEqual([]);
  });

  it('finds "certain" in half of the others at least', () => {
    const fair = judged.filter(({ given }) => given.expect.certain === 'fair');
    const sure = fair.filter(({ diagnosis }) => diagnosis.confidence === 'certain');
    expect(sure.length / fair.length).toBeGreaterThanOrEqual(0.5);
  });
});
