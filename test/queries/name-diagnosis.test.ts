import { describe, expect, it } from 'vitest';
import { nameDiagnosis } from '../../src/queries/name-diagnosis.ts';

const verdict = {
  rule: { id: 'client/own', hash: 'own', file: 'client/own.json', name: 'Own' },
  evidence: [
    { fact: 'reason', value: 'network' },
    { fact: 'previousReason', value: 'expiry_passed' },
    { fact: 'reason', value: 'of-a-team-that-left' },
    { fact: 'node', value: 'network' },
  ],
  alternates: [
    { id: 'network/node-wide-cut', kind: 'rule' as const, hash: 'cut', missing: ['node'] },
    { id: 'network/old', kind: 'rule' as const, missing: [] },
    { id: 'auth/gone', kind: 'rule' as const, hash: 'gone', missing: [] },
    { id: 'arrears', kind: 'reason' as const, missing: [] },
  ],
};
const texts = new Map([
  ['own', { cause: { en: 'The encoder stopped.', zh: '编码器停止推流。' } }],
  ['cut', { cause: { en: 'The node failed. Not this encoder.', zh: '节点故障。而非该编码器。' } }],
]);

describe('a diagnosis with names', () => {
  it('names reasons in evidence and other causes in the language; what has no name keeps its id', () => {
    const { evidence, alternates } = nameDiagnosis(verdict, texts, 'zh');
    expect(evidence.map(({ title }) => title)).toEqual([
      '推流链路网络异常',
      '推流地址已过期',
      undefined,
      undefined,
    ]);
    expect(alternates.map(({ title }) => title)).toEqual([
      '节点故障',
      undefined,
      undefined,
      expect.stringContaining('欠费'),
    ]);
    expect(alternates[0]).toMatchObject({ id: 'network/node-wide-cut', missing: ['node'] });
  });

  it('falls back to English where a team wrote no other language', () => {
    const english = new Map([['cut', { cause: { en: 'The node failed.' } }]]);
    expect(nameDiagnosis(verdict, english, 'ko').alternates[0]?.title).toBe('The node failed');
  });
});
