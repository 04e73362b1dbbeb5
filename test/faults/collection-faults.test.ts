import { expect, it } from 'vitest';
import { SHORT } from '../../bench/faults/plans.ts';
import { runFaults } from '../../bench/faults/run-faults.ts';

it('loses nothing and counts nothing twice: outage, kill -9, a faulty API, lost and repeated callbacks', async () => {
  const report = await runFaults(SHORT);
  for (const {
    refusals,
    lost,
    duplicates,
    events,
    merged,
    refused,
    callbacks,
  } of report.accounts) {
    expect({ refusals, lost, duplicates }).toEqual({ refusals, lost: [], duplicates: [] });
    // The run included what it must test.
    expect(refused).toBeGreaterThan(0);
    expect(merged).toBeGreaterThan(0);
    expect(events).toBeGreaterThan(50);
    expect(callbacks.delivered).toBeGreaterThan(10);
  }
  expect(report.counted).toBe(report.accounts.reduce((sum, { events }) => sum + events, 0));
}, 180_000);
