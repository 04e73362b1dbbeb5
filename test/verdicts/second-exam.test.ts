import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDiagnoser } from '../../src/diagnosis/create-diagnoser.ts';
import { loadRules } from '../../src/diagnosis/load-rules.ts';
import { shippedRulesFolder } from '../../src/diagnosis/shipped-rules-folder.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';
import { type JudgedCase, judgeCase, readCases } from './second-exam.ts';

const cases = readCases();
const judged: JudgedCase[] = [];
let temporary: TemporaryStore;

beforeAll(async () => {
  temporary = await openTemporaryStore();
  const { store } = temporary;
  const diagnoser = createDiagnoser((await loadRules([shippedRulesFolder()])).ruleSet);
  for (const [day, given] of cases.entries()) {
    judged.push(await judgeCase(given, day, { store, diagnoser }));
  }
});

afterAll(() => temporary.remove());

describe('the second exam', () => {
  it('has 81 cases, each with its own name', () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(81);
  });

  it('is passed but for two cases, whose patterns know one Chinese word too few', () => {
    // They stay as they were written: one rule says "key" for 密钥, one names the audit log alone.
    expect(judged.filter(({ faults }) => faults.length > 0).map(({ given }) => given.id)).toEqual([
      'key-switched-domain-wide',
      'proxy-cut-once',
    ]);
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
