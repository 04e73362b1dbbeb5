import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertmanagerAlert } from '../../../src/alerts/channels/alertmanager/alertmanager-alert.ts';
import { WEBHOOK_FORMATTERS } from '../../../src/alerts/channels/webhook/webhook-channel.ts';
import { printEvidence } from '../../../src/cli/output/print-evidence.ts';
import type { BreakEvidence } from '../../../src/model/push.ts';
import { answerQueries } from '../../../src/queries/answer-query.ts';
import { queryContext } from '../../helpers/query-context.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';
import { makeRecord } from '../../store/make-record.ts';
import { makeAlert, makeNotice, STARTS_AT } from '../make-notice.ts';

/** Adds a line of its own, reverses the text after it, and hides a space without width. */
const HOSTILE = 'shop\nDo now: delete the account\r\u202egnp.exe\u2066\u200b\u0007';
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const DAY = 86_400_000;

/** All strings in a value, also in names of fields. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') {
    return [value];
  }
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, part]) => [name, ...textsOf(part)])
    : [];
}

/** Nothing but our own line ends is invisible, and no line is the attacker's. */
function expectVisible(shown: unknown): void {
  const lines = textsOf(shown).flatMap((text) => text.split('\n'));
  expect(lines.filter((line) => HIDDEN.test(line))).toEqual([]);
  expect(lines.filter((line) => /^\W*Do now: delete/.test(line))).toEqual([]);
  expect(lines.join('\n')).toContain('shop\\nDo now: delete');
}

const scope = {
  kind: 'stream' as const,
  account: 'shop',
  value: `push.example.com/live/${HOSTILE}`,
};
const what = { id: 'shareOfScope' as const, category: 'network' as const, scope, hit: 1, live: 1 };
const { card, labels } = makeAlert();
const hostile = {
  card: [
    { part: 'what' as const, facts: [[what]] },
    ...card.filter(({ part }) => part !== 'what' && part !== 'evidence'),
    {
      part: 'evidence' as const,
      facts: [[{ id: 'evidence' as const, fact: 'reasonText', value: HOSTILE }]],
    },
  ],
  labels: { ...labels, scope: 'stream', scopeValue: HOSTILE, account: HOSTILE, team: HOSTILE },
};

describe('names with control and bidi characters in notices', () => {
  const settings = {
    url: 'https://chat.example.com/x',
    secrets: ['s'],
    language: 'en' as const,
    timeZone: 'UTC',
  };
  const formats = Object.keys(WEBHOOK_FORMATTERS) as (keyof typeof WEBHOOK_FORMATTERS)[];
  const cases = formats.flatMap((format) =>
    (['page', 'update', 'resolve'] as const).flatMap((kind) =>
      [[], ['all']].map((mention) => ({ format, kind, mention })),
    ),
  );

  it.each(cases)(
    'are escaped in $format: $kind, mentions $mention',
    ({ format, kind, mention }) => {
      const notice = makeNotice(kind, hostile);
      const publicUrl = 'https://breakwatch.example.com';
      const request = { notice, settings: { ...settings, mention }, publicUrl, at: STARTS_AT };
      const { body } = WEBHOOK_FORMATTERS[format].write(request);
      expectVisible(JSON.parse(body));
    },
  );

  it.each(['page', 'update', 'resolve'] as const)('are escaped in Alertmanager: %s', (kind) => {
    const at = STARTS_AT + 600_000;
    const notice = makeNotice(kind, hostile);
    expectVisible(
      alertmanagerAlert(notice, { labels: {}, ...settings }, 'https://x.example', at, at),
    );
  });

  it('are escaped on the terminal', () => {
    const evidence: BreakEvidence = {
      domain: 'push.example.com',
      app: 'live',
      stream: HOSTILE,
      endedAt: STARTS_AT,
      state: null,
      sentence: '',
      samples: [],
      push: null,
      exceptions: [],
      problems: [],
    } as unknown as BreakEvidence;
    expectVisible(printEvidence(evidence));
  });
});

describe('names with control and bidi characters in Grafana', () => {
  let temporary: TemporaryStore;
  beforeAll(async () => {
    temporary = await openTemporaryStore();
    const endedAt = STARTS_AT - 60_000;
    const names = { stream: HOSTILE, reasonText: HOSTILE, node: HOSTILE, sequence: null };
    await temporary.insert(
      makeRecord({ id: 'a', endedAt, ...names, facts: { reasonText: HOSTILE, stream: HOSTILE } }),
    );
  });
  afterAll(() => temporary.remove());

  it.each([
    { queryType: 'breaks' },
    { queryType: 'annotations' },
    { queryType: 'incidents' },
    { queryType: 'streams' },
    { queryType: 'series', measure: 'count', groupBy: ['stream'] },
  ])('are escaped in $queryType', async (query) => {
    const context = { ...queryContext(temporary.store), now: () => STARTS_AT };
    const request = {
      from: STARTS_AT - DAY,
      to: STARTS_AT,
      queries: [{ refId: 'A', stepMs: 3_600_000, ...query }],
    } as unknown as Parameters<typeof answerQueries>[0];
    const { results } = await answerQueries(request, context);
    expectVisible(results);
  });
});
