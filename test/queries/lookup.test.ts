import { describe, expect, it } from 'vitest';
import type { Frame } from '../../src/model/frame.ts';
import type { Language } from '../../src/model/vocabulary.ts';
import { answerLookup } from '../../src/queries/lookup.ts';
import { expectGolden } from '../helpers/golden-frames.ts';
import { ONE_RULE } from '../helpers/query-context.ts';

const ask = async (text: string, language?: Language): Promise<Frame> => {
  const query = { refId: 'A', queryType: 'lookup', text, language } as const;
  const [frame] = await answerLookup(query, { lookup: ONE_RULE });
  return frame as Frame;
};
const row = (frame: Frame) =>
  Object.fromEntries(frame.fields.map((field) => [field.name, field.values[0]]));

describe('answerLookup', () => {
  it('answers as recorded', async () => {
    expectGolden([await ask('18/501')], 'lookup');
  });

  it('shows the texts of the rule in force for a reason', async () => {
    expect(row(await ask('18/501'))).toMatchObject({
      code: '18/501',
      kind: 'reason',
      reason: 'expiry_passed',
      category: 'auth',
      severity: 'critical',
      cause: 'The push URL expired. CSS refused it.',
      fix: '1. Check txTime expiry.\n2. Sign a new URL.',
      rule: 'auth/url-expired',
    });
    expect(row(await ask('18/501', 'zh')).cause).toBe('推流地址已过期。');
  });

  it('finds a reason by its text too', async () => {
    expect(row(await ask('推流时间戳参数值已过期')).reason).toBe('expiry_passed');
  });

  it.each([
    ['6012', 'bypass', 'network', '30s'],
    ['20406', 'bypass', 'billing', 'after-fix'],
    ['1001', 'bypass', 'auth', 'after-fix'],
    ['40000500', 'bypass', 'client', '3s'],
  ])('answers %s from its catalogue', async (code, kind, category, retry) => {
    const found = row(await ask(code));
    expect(found).toMatchObject({ code, kind, category, retry, rule: null });
    expect(String(found.cause).length).toBeGreaterThan(10);
    expect(String(found.fix).length).toBeGreaterThan(10);
  });

  it('answers an API error', async () => {
    expect(row(await ask('ResourceNotFound.StopService'))).toMatchObject({
      kind: 'api',
      category: 'billing',
    });
  });

  it('has a row for each meaning of a code', async () => {
    const frame = await ask('18');
    expect(frame.fields[0]?.values.length).toBeGreaterThan(5);
  });

  it('has a notice and no rows for an unknown text', async () => {
    const frame = await ask('99/99');
    expect(frame.fields.every((field) => field.values.length === 0)).toBe(true);
    expect(frame.meta?.notices?.[0]?.text).toBe('Nothing is known about "99/99".');
  });

  it('asks for a text when it is empty', async () => {
    expect((await ask('  ')).meta?.notices?.[0]?.text).toMatch(/^Give a code/);
  });
});
