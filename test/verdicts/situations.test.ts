import { beforeAll, describe, expect, it } from 'vitest';
import { FACT_NAMES } from '../../src/model/fact-catalogue.ts';
import { loadShippedDiagnoser } from '../helpers/shipped-diagnoser.ts';
import { type JudgedSituation, judgeSituation, readSituations } from './judge-situations.ts';

const situations = readSituations();
let judged: JudgedSituation[];

beforeAll(async () => {
  const diagnoser = await loadShippedDiagnoser();
  judged = await Promise.all(situations.map((one) => judgeSituation(one, diagnoser)));
});

function notified(list: readonly JudgedSituation[]): string[] {
  return list.map(({ situation, faults }) => `${situation.id}: ${faults.join('; ')}`);
}

describe('sixty situations', () => {
  it('are sixty, each with its own name and with facts that exist', () => {
    expect(new Set(situations.map(({ id }) => id)).size).toBe(60);
    const names = new Set(situations.flatMap(({ given }) => Object.keys(given)));
    expect([...names].filter((name) => !FACT_NAMES.includes(name))).toEqual([]);
  });

  it('are judged right, but for two at most', () => {
    const wrong = judged.filter(({ faults }) => faults.length > 0);
    expect(wrong.length, notified(wrong).join('\n')).toBeLessThanOrEqual(2);
  });

  it('are never called certain and wrong', () => {
    expect(notified(judged.filter(({ certain, faults }) => certain && faults.length > 0))).toEqual(
      [],
    );
  });

  it('are not all left open either', () => {
    const fair = judged.filter(({ situation }) => situation.expect.certainIsFair);
    const certain = fair.filter((one) => one.certain);
    expect(certain.length / fair.length).toBeGreaterThanOrEqual(0.5);
  });

  it('come with two facts to check at least', () => {
    expect(
      judged.filter(({ checkable }) => checkable < 2).map(({ situation }) => situation.id),
    ).toEqual([]);
  });
});
