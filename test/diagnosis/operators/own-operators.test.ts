import { Engine } from 'json-rules-engine';
import { describe, expect, it } from 'vitest';
import {
  kindOfOperator,
  OWN_OPERATORS,
  ownOperator,
} from '../../../src/diagnosis/operators/own-operators.ts';
import { registerOperators } from '../../../src/diagnosis/operators/register-operators.ts';

const ODD = [undefined, null, '', 'x', 0, Number.NaN, true, [], ['x'], {}, { fact: 'x' }, () => 1];

describe('operators of Breakwatch', () => {
  it.each(OWN_OPERATORS)('$name answers true or false for any values', ({ compare, example }) => {
    for (const fact of ODD) {
      for (const value of [...ODD, example]) {
        expect([true, false]).toContain(compare(fact, value));
      }
    }
    expect(compare(undefined, example)).toBe(false);
  });

  it.each(OWN_OPERATORS)('$name accepts its example and refuses other types', (operator) => {
    expect(operator.problemOf(operator.example)).toBeUndefined();
    for (const value of ODD.filter((one) => one !== 'x')) {
      expect(operator.problemOf(value), String(value)).toEqual(expect.any(String));
    }
  });

  it.each(OWN_OPERATORS)('$name is not built into json-rules-engine', async ({ name, example }) => {
    const engine = new Engine([
      {
        conditions: { all: [{ fact: 'f', operator: name, value: example }] },
        event: { type: 'e' },
      },
    ]);
    await expect(engine.run({ f: 'x' })).rejects.toThrow(`Unknown operator: ${name}`);
  });

  it('compares texts exactly', () => {
    const ask = (name: string, fact: string, value: string) =>
      ownOperator(name)?.compare(fact, value);
    expect(ask('textStartsWith', 'shop-17', 'shop-')).toBe(true);
    expect(ask('textStartsWith', 'Shop-17', 'shop-')).toBe(false);
    expect(ask('textEndsWith', 'shop-17_backup', '_backup')).toBe(true);
    expect(ask('textEndsWith', 'shop-17_backup2', '_backup')).toBe(false);
    expect(ask('textContains', 'a.test.b', '.test.')).toBe(true);
    expect(ask('textContains', 'a-test-b', '.test.')).toBe(false);
    expect(ask('textContains', 'a', '')).toBe(false);
  });

  it('knows an operator below decorators', () => {
    expect(kindOfOperator('not:someValue:inCidr')).toBe('address');
    expect(kindOfOperator('inCidr:not')).toBeUndefined();
    expect(kindOfOperator('in')).toBeUndefined();
  });
});

describe('registerOperators', () => {
  it('makes a rule mean the same in json-rules-engine, decorators and missing facts included', async () => {
    const rule = (name: string, operator: string, value: unknown) => ({
      name,
      conditions: { all: [{ fact: 'clientIp', operator, value }] },
      event: { type: name },
    });
    const engine = registerOperators(
      new Engine(
        [
          rule('in', 'inCidr', '10.2.0.0/16'),
          rule('out', 'not:inCidr', '10.2.0.0/16'),
          rule('some', 'someValue:inCidr', ['10.1.0.0/16', '10.2.0.0/16']),
        ] as never,
        { allowUndefinedFacts: true },
      ),
    );
    const typesFor = async (facts: Record<string, unknown>) =>
      (await engine.run(facts)).events.map(({ type }) => type).sort();
    expect(await typesFor({ clientIp: '10.2.3.4' })).toEqual(['in', 'some']);
    expect(await typesFor({ clientIp: '10.1.3.4' })).toEqual(['out', 'some']);
    expect(await typesFor({})).toEqual(['out']);
  });
});
