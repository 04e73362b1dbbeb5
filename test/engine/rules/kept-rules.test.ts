import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RuleSet } from '../../../src/diagnosis/rule.ts';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import {
  keepRules,
  keepSince,
  readKeptRules,
  readLastRules,
} from '../../../src/engine/rules/kept-rules.ts';

/** States as JSON texts. */
const states = new Map<string, string>();
let written: string[] = [];
/** The store fails at this write. */
let failsAt: string | undefined;
const store = {
  putRuleTexts: async () => undefined,
  async getState(name: string): Promise<unknown> {
    const text = states.get(name);
    return text === undefined ? undefined : JSON.parse(text);
  },
  async setState(name: string, value: unknown) {
    if (name === failsAt) {
      throw new Error('killed');
    }
    written.push(name);
    states.set(name, JSON.stringify(value));
  },
};

let shipped: RuleSet;
beforeAll(async () => {
  shipped = (await loadRules([shippedRulesFolder()])).ruleSet;
});
beforeEach(() => {
  states.clear();
  written = [];
  failsAt = undefined;
});

/** The shipped rules with another hash, and one rule with another name. */
function edited(hash: string): RuleSet {
  const [first, ...rest] = shipped.rules;
  return first
    ? { ...shipped, hash, rules: [{ ...first, name: hash, hash: `rule-${hash}` }, ...rest] }
    : shipped;
}

describe('the rules that were in force last', () => {
  it('are none at first', async () => {
    expect(await readLastRules(store)).toBeNull();
    expect(await readKeptRules(store)).toBeNull();
  });

  it('are read as they were stored', async () => {
    const catalogue = { reasons: [], texts: [] } as unknown as NonNullable<RuleSet['catalogue']>;
    await keepRules(store, { ...shipped, catalogue });
    expect(await readKeptRules(store)).toEqual({ ...shipped, catalogue });
    expect(await readLastRules(store)).toEqual({ hash: shipped.hash, since: null });
    await keepSince(store, { hash: 'another', since: 4 });
    expect(await readLastRules(store)).toEqual({ hash: shipped.hash, since: null });
    await keepSince(store, { hash: shipped.hash, since: 5 });
    expect(await readLastRules(store)).toEqual({ hash: shipped.hash, since: 5 });
  });

  it('are written in part after an edit, again and again', async () => {
    await keepRules(store, shipped);
    expect(written).toHaveLength(17);
    for (const hash of ['one', 'two', 'three']) {
      written = [];
      await keepRules(store, edited(hash));
      expect(written).toHaveLength(2);
      expect(await readKeptRules(store)).toEqual(edited(hash));
    }
    expect(states.size).toBe(18);
  });

  it('stay whole when the server is killed before the last write', async () => {
    await keepRules(store, edited('one'));
    failsAt = 'rules-in-force';
    await expect(keepRules(store, edited('two'))).rejects.toThrow('killed');
    expect(await readKeptRules(store)).toEqual(edited('one'));
    failsAt = undefined;
    await keepRules(store, edited('three'));
    expect(await readKeptRules(store)).toEqual(edited('three'));
  });

  it('lose a rule that was removed', async () => {
    await keepRules(store, shipped);
    const fewer = { ...shipped, hash: 'fewer', rules: shipped.rules.slice(1) };
    await keepRules(store, fewer);
    expect(await readKeptRules(store)).toEqual(fewer);
  });

  it('are none when a part is missing', async () => {
    await keepRules(store, shipped);
    states.delete('rules-in-force/7a');
    expect(await readKeptRules(store)).toBeNull();
  });

  it('are read from a store of a version without parts', async () => {
    await store.setState('rules-in-force', { rules: shipped, since: 7 });
    expect(await readLastRules(store)).toEqual({ hash: shipped.hash, since: 7 });
    expect(await readKeptRules(store)).toEqual(shipped);
    await keepRules(store, edited('one'));
    expect(await readKeptRules(store)).toEqual(edited('one'));
  });
});
