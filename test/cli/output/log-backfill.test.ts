import { expect, it, vi } from 'vitest';
import { logBackfill } from '../../../src/cli/output/print-status.ts';
import type { AccountHealth } from '../../../src/model/health.ts';

const DAY = 86_400_000;

function accountOf(part: number | null): AccountHealth {
  const backfill =
    part === null
      ? null
      : {
          from: 0,
          to: 10 * DAY,
          doneUntil: 10 * DAY * (1 - part),
          remainingMs: 10 * DAY * (1 - part),
          etaMs: part === 0 ? null : 90_000,
          done: part === 1,
        };
  return {
    account: 'shop',
    state: 'ok',
    lastPollAt: 1,
    lastCallbackAt: null,
    error: null,
    backfill,
  };
}

/** What is logged when the account is seen at these parts of its back-fill, one after the other. */
async function logOf(...parts: (number | null)[]): Promise<string[]> {
  const lines: string[] = [];
  let asked = 0;
  const end = logBackfill(
    async () => ({ accounts: [accountOf(parts[Math.min(asked++, parts.length - 1)] ?? null)] }),
    (_level, message) => lines.push(message),
    1,
  );
  await vi.waitFor(() => expect(asked).toBeGreaterThan(parts.length), { timeout: 20_000 });
  end();
  return lines;
}

it('logs the start, each tenth once, and the end', async () => {
  expect(await logOf(null, 0, 0.05, 0.13, 0.19, 0.5, 1, 1)).toEqual([
    'account shop: back-fill [........................] 0 % of the time since 1970-01-01 00:00 UTC',
    'account shop: back-fill [###.....................] 13 % of the time since 1970-01-01 00:00 UTC, about 1 min 30 s left',
    'account shop: back-fill [############............] 50 % of the time since 1970-01-01 00:00 UTC, about 1 min 30 s left',
    'account shop: back-fill [########################] done since 1970-01-01 00:00 UTC',
  ]);
});

it('does not log a back-fill that was already done', async () => {
  expect(await logOf(1, 1, null)).toEqual([]);
});
