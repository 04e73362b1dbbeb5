import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BreakwatchError } from '../../src/model/errors.ts';
import { breakRecord } from '../helpers/break-record.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';

describe('GET /metrics', () => {
  let running: TestServer;
  beforeEach(async () => {
    running = await startTestServer();
  });
  afterEach(() => running.stop());

  it('has exactly the metrics of docs/metrics.md', async () => {
    const response = await fetch(`${running.url}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    const real = [...text.matchAll(/^# TYPE (breakwatch_\w+) (\w+)$/gm)].map(
      ([, name, type]) => `${name} ${type}`,
    );
    const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| `(breakwatch_\w+)` \| (\w+) \|/gm)].map(
      ([, name, type]) => `${name} ${type}`,
    );
    expect(documented.sort()).toEqual(real.sort());
    expect(text).toContain('process_cpu_seconds_total');
  });

  it('counts what the engine reports', async () => {
    const { hooks } = running.metrics;
    hooks.journalled('default', 'api', 5, 2);
    hooks.journalled('default', 'api', 1, 0);
    hooks.polled('default', 250, null);
    const limit = new BreakwatchError('CSS_RATE_LIMIT', {
      account: 'default',
      action: 'X',
      apiCode: 'Y',
    });
    hooks.polled('default', 50, limit);
    hooks.derived(8, 12, null);
    hooks.derived(0, 0, new BreakwatchError('STORE_FAILED', { problem: 'full' }));
    const size = { records: 40, pushes: 30, streams: 20, incidents: 1 };
    hooks.grouped({ ...size, turnMs: 150, foldMs: 80, rereads: 2 });
    hooks.grouped({ ...size, records: 50, turnMs: 50, foldMs: 20, rereads: 1 });
    const values = await Promise.all(
      [
        'journal_entries_total{account="default",source="api",result="appended"}',
        'journal_entries_total{account="default",source="api",result="duplicate"}',
        'polls_total{account="default",result="ok"}',
        'poll_errors_total{account="default",code="CSS_RATE_LIMIT"}',
        'poll_duration_seconds_sum{account="default"}',
        'incident_turn_seconds_sum',
        'incident_turn_seconds_bucket{le="0.1"}',
        'incident_fold_seconds_sum',
        'incident_held{what="breaks"}',
        'incident_rereads_total',
        'derived_entries_total',
        'derive_errors_total{code="STORE_FAILED"}',
      ].map((name) => running.metric(`breakwatch_${name}`)),
    );
    expect(values).toEqual([6, 2, 1, 1, 0.3, 0.2, 1, 0.1, 50, 3, 8, 1]);
  });

  it('counts deleted events and rejected old ones, and omits unknown times', async () => {
    const { hooks } = running.metrics;
    hooks.purged({ breaks: 100 });
    hooks.purged({ breaks: 20, journal: 5 });
    hooks.purgeFailed(new BreakwatchError('STORE_FAILED', { problem: 'full' }));
    hooks.tooOld('default', 'file', 3);
    const values = await Promise.all(
      [
        'purged_rows_total{what="breaks"}',
        'purged_rows_total{what="journal"}',
        'purge_errors_total{code="STORE_FAILED"}',
        'too_old_total{account="default",source="file"}',
      ].map((name) => running.metric(`breakwatch_${name}`)),
    );
    expect(values).toEqual([120, 5, 1, 3]);
    const text = await (await fetch(`${running.url}/metrics`)).text();
    expect(text).not.toMatch(/^breakwatch_(oldest_break|kept_from)_timestamp_seconds /m);
  });

  it('counts a break once, even if it changes', async () => {
    running.engine.publish(breakRecord('a'));
    running.engine.publish(breakRecord('a', { event: { recoveredAt: 1 } }));
    running.engine.publish(breakRecord('b'));
    const series = 'breakwatch_breaks_total{account="default",category="auth",outcome="refused"}';
    expect(await running.metric(series)).toBe(2);
  });

  it('shows the state of each account', async () => {
    running.engine.healthChanges = {
      accounts: [
        { account: 'dark', state: 'blind', lastPollAt: 1, lastCallbackAt: null, error: null },
        { account: 'new', state: 'starting', lastPollAt: null, lastCallbackAt: null, error: null },
      ],
    };
    expect(await running.metric('breakwatch_collection_blind{account="dark"}')).toBe(1);
    expect(await running.metric('breakwatch_collection_blind{account="new"}')).toBe(0);
    expect(
      await running.metric('breakwatch_collection_state{account="new",state="starting"}'),
    ).toBe(1);
    const text = await running.metrics.render(running.engine);
    expect(text).toMatch(/^breakwatch_poll_age_seconds\{account="dark"\} \d{6,}/m);
    expect(text).not.toContain('breakwatch_poll_age_seconds{account="new"}');
    expect(text).toContain('breakwatch_rule_set_info{set="5e7000000001"} 1');
    expect(text).toMatch(/^breakwatch_build_info\{version="9.9.9",node="\d+\.\d+\.\d+"\} 1$/m);
  });

  it('shows missed callbacks, and gaps that were not back-filled', async () => {
    const open = { from: 1, to: null, filledAt: null };
    const coverage = { state: 'ok', lastPollAt: 1, lastCallbackAt: null, error: null } as const;
    running.engine.healthChanges = {
      accounts: [
        {
          ...coverage,
          account: 'both',
          missedCallbacks: 4,
          gaps: [open, { ...open, filledAt: 9 }],
        },
        { ...coverage, account: 'polled', missedCallbacks: null, gaps: [] },
      ],
    };
    expect(await running.metric('breakwatch_missed_callbacks{account="both"}')).toBe(4);
    expect(await running.metric('breakwatch_coverage_gaps{account="both"}')).toBe(1);
    const text = await running.metrics.render(running.engine);
    expect(text).toContain('breakwatch_coverage_gaps{account="polled"} 0');
    expect(text).not.toContain('breakwatch_missed_callbacks{account="polled"}');
  });

  it('counts missed callbacks that were recovered', async () => {
    const coverage = { state: 'ok', lastPollAt: 1, lastCallbackAt: null, error: null } as const;
    const recovery = { waiting: 2, found: 3, notFound: 1, error: null };
    running.engine.healthChanges = { accounts: [{ ...coverage, account: 'both', recovery }] };
    const series = 'breakwatch_recovered_callbacks_total{account="both"';
    expect(await running.metric(`${series},result="found"}`)).toBe(3);
    expect(await running.metric(`${series},result="found"}`)).toBe(3);
    expect(await running.metric(`${series},result="none"}`)).toBe(1);
    expect(await running.metric('breakwatch_callbacks_to_recover{account="both"}')).toBe(2);
  });

  it('shows the progress of the back-fill', async () => {
    const coverage = { state: 'ok', lastPollAt: 1, lastCallbackAt: null, error: null } as const;
    const half = { from: 0, to: 100_000, doneUntil: 75_000, etaMs: null, done: false };
    running.engine.healthChanges = {
      accounts: [
        { ...coverage, account: 'busy', backfill: { ...half, remainingMs: 75_000 } },
        { ...coverage, account: 'idle', backfill: null },
      ],
    };
    expect(await running.metric('breakwatch_backfill_ratio{account="busy"}')).toBe(0.25);
    expect(await running.metric('breakwatch_backfill_remaining_seconds{account="busy"}')).toBe(75);
    const text = await running.metrics.render(running.engine);
    expect(text).not.toContain('breakwatch_backfill_ratio{account="idle"}');
  });

  it('still answers when the store fails', async () => {
    expect(await running.metric('breakwatch_up')).toBe(1);
    await running.temporary.store.close();
    expect((await fetch(`${running.url}/metrics`)).status).toBe(200);
    expect(await running.metric('breakwatch_up')).toBe(0);
  });

  it('counts errors in an answer by query type', async () => {
    await running.temporary.store.close();
    await fetch(`${running.url}/api/v1/query`, {
      method: 'POST',
      body: JSON.stringify({ queries: [{ refId: 'A', queryType: 'series' }] }),
    });
    expect(
      await running.metric('breakwatch_query_errors_total{type="series",code="STORE_FAILED"}'),
    ).toBe(1);
  });
});
