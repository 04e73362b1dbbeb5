import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnoser } from '../../src/diagnosis/run/create-diagnoser.ts';
import { readTestInput } from '../../src/diagnosis/run/rule-tests.ts';
import type { Verdict } from '../../src/model/diagnosis.ts';
import type { FactValue } from '../../src/model/facts.ts';
import type { Category, Side } from '../../src/model/vocabulary.ts';

/** One break as an on-call meets it, and the verdict that the documents support (see README.md). */
export interface Situation {
  id: string;
  story: string;
  source: string;
  given: Record<string, FactValue>;
  expect: { category: Category; side?: Side; rules: string[]; certainIsFair: boolean };
}

/** What the shipped rules made of a situation. */
export interface JudgedSituation {
  situation: Situation;
  verdict: Verdict;
  /** What is wrong with it; empty when all is right. */
  faults: string[];
  /** The verdict says "certain". */
  certain: boolean;
  /** Facts with values that speak for it, beyond the reason itself. */
  checkable: number;
}

const FOLDER = join(import.meta.dirname, 'situations');

/** Reads all situations, in the order of file names. */
export function readSituations(): Situation[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Situation[]);
}

/** Judges a situation the way in which an event is judged: by its words and codes, and its facts. */
export async function judgeSituation(
  situation: Situation,
  diagnoser: Diagnoser,
): Promise<JudgedSituation> {
  const { reasonText, ...rest } = situation.given;
  const given = typeof reasonText === 'string' ? { ...rest, text: reasonText } : rest;
  const { facts, match } = readTestInput(given);
  const verdict = await diagnoser.judge(facts, match);
  const { category, side, rules, certainIsFair } = situation.expect;
  const certain = verdict.confidence === 'certain';
  const faults = [
    ...(verdict.category === category ? [] : [`category ${verdict.category}, not ${category}`]),
    ...(side === undefined || verdict.side === side ? [] : [`side ${verdict.side}, not ${side}`]),
    ...(rules.includes(verdict.rule.id)
      ? []
      : [`rule ${verdict.rule.id}, not ${rules.join(' or ')}`]),
    ...(certain && !certainIsFair ? ['certain, though nobody can be'] : []),
  ];
  return { situation, verdict, faults, certain, checkable: verdict.evidence.length };
}
