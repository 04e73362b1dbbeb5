import type { BreakEvent, BreakRecord } from '../../src/model/break.ts';
import type { RuleTexts, Verdict } from '../../src/model/diagnosis.ts';

/** 2026-03-14T12:00:00Z, epoch ms UTC. */
export const NOON = Date.UTC(2026, 2, 14, 12);
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** Changes to the default break. */
export interface RecordChanges {
  event?: Partial<BreakEvent>;
  verdict?: Partial<Omit<Verdict, 'rule'>>;
  /** Rule id. The rule hash is {@link hashOf} of it. */
  rule?: string;
}

/** A hash for a rule id: deterministic, with the length of a real one. */
export function hashOf(rule: string): string {
  const hex = Buffer.from(rule, 'utf8').toString('hex');
  return hex.padEnd(12, '0').slice(-12);
}

/**
 * A break of stream `shop-17`: a push with an expired URL, refused at {@link NOON}, with changes.
 *
 * @param id - event id; nothing else depends on it
 */
export function breakRecord(id: string, changes: RecordChanges = {}): BreakRecord {
  const rule = changes.rule ?? 'auth/url-expired';
  const verdict: Verdict = {
    reason: 'expiry_passed',
    category: 'auth',
    outcome: 'refused',
    severity: 'critical',
    side: 'us',
    retry: 'after-fix',
    runbook: rule.replace('/', '-'),
    rule: { id: rule, hash: hashOf(rule), file: `${rule}.json`, name: `Rule ${rule}` },
    ruleSet: '5e7000000001',
    confidence: 'certain',
    ground: 'specific-code',
    evidence: [
      { fact: 'txTime', value: '2026-03-14T11:48:00.000Z' },
      {
        fact: 'secondsPastExpiry',
        value: 720,
        expected: [{ operator: 'greaterThan', value: 0 }],
        unit: 's',
      },
    ],
    notChecked: [],
    alternates: [],
    ...changes.verdict,
  };
  const endedAt = changes.event?.endedAt ?? NOON;
  return {
    verdict,
    event: {
      id,
      account: 'default',
      domain: 'push.shop.example',
      app: 'live',
      stream: 'shop-17',
      outcome: verdict.outcome,
      startedAt: null,
      endedAt,
      durationMs: 0,
      reason: verdict.reason,
      code: { errcode: 18, subErrcode: 501 },
      bypassCode: null,
      reasonText: '推流时间戳参数值已过期',
      clientIp: '203.0.113.9',
      node: null,
      resolution: null,
      sequence: null,
      recoveredAt: null,
      sources: [{ source: 'api', key: id, receivedAt: endedAt + 4 * SECOND }],
      facts: { reason: verdict.reason, stream: 'shop-17', secondsPastExpiry: 720 },
      ...changes.event,
    },
  };
}

/** Texts of the rules that tests use with {@link breakRecord}. */
export const RULE_TEXTS: RuleTexts[] = [
  {
    ruleHash: hashOf('auth/url-expired'),
    cause: { en: 'The push URL expired. CSS refused it.', zh: '推流地址已过期。' },
    fix: [
      {
        en: 'Check txTime expiry[[: it expired {{secondsPastExpiry}} s before this push]].',
        zh: '检查 txTime[[：推流前 {{secondsPastExpiry}} 秒已过期]]。',
      },
      { en: 'Sign a new URL[[ on {{node}}]].', zh: '重新生成推流地址。' },
    ],
  },
  {
    ruleHash: hashOf('network/link-lost'),
    cause: { en: 'The link to the encoder was lost', zh: '编码器网络中断' },
    fix: [{ en: 'Check the uplink of {{stream}}.' }],
  },
  {
    ruleHash: hashOf('client/stopped'),
    cause: { en: 'The encoder stopped the push.' },
    fix: [{ en: 'Nothing to do.' }],
  },
];
