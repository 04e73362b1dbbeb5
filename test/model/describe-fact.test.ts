import { describe, expect, it } from 'vitest';
import { FACT_CATALOGUE } from '../../src/model/fact-catalogue.ts';
import { describeEvidence, describeFact } from '../../src/model/render-template.ts';

describe('describeFact', () => {
  it('puts a count before its label and other values after it', () => {
    expect(describeFact('breaksOfStream10m', 8)).toBe('8 breaks of this stream in 10 min');
    expect(describeFact('secondsSincePreviousBreak', 90)).toBe(
      'time since the previous break: 90 s',
    );
    expect(describeFact('errcode', 18)).toBe('errcode: 18');
    expect(describeFact('txTimePresent', false)).toBe('URL has txTime: no');
    expect(describeFact('breaksOfNode5m', undefined)).toBe(
      'breaks on this access node in 5 min: not known',
    );
    expect(describeFact('notInTheCatalogue', 'x')).toBe('notInTheCatalogue: x');
  });

  it('has a label of its own for every fact, except time live in two units', () => {
    const labels = FACT_CATALOGUE.map(({ label }) => label);
    expect(labels.length - new Set(labels).size).toBe(1);
  });
});

describe('describeEvidence', () => {
  it('adds what the rule expects unless it is the value itself', () => {
    expect(describeEvidence({ fact: 'breaksOfStream10m', value: 8, expected: '3 or more' })).toBe(
      '8 breaks of this stream in 10 min (rule: 3 or more)',
    );
    expect(describeEvidence({ fact: 'reason', value: 'network', expected: 'network' })).toBe(
      'reason: network',
    );
    expect(describeEvidence({ fact: 'code', value: '18/501' })).toBe('CSS code: 18/501');
  });
});
