import { asBreakwatchError, BreakwatchError } from '../../model/errors.ts';
import type { WayTest } from '../../model/notice-outbox.ts';
import type { WayOut } from './dispatch-way.ts';
import { makeTestNotices } from './make-test-notices.ts';
import { withinTime } from './within-time.ts';

const USUAL_TIMEOUT_MS = 10_000;

/**
 * Sends a marked test alert and its resolve by one way out or all, past any outbox.
 *
 * @param timeoutMs - longest wait for each receiver
 * @throws `SENDERS_NONE`, `SENDER_UNKNOWN`
 */
export async function testWays(
  ways: readonly WayOut[],
  name: string | undefined,
  timeoutMs = USUAL_TIMEOUT_MS,
  now = Date.now(),
): Promise<WayTest[]> {
  if (ways.length === 0) {
    throw new BreakwatchError('SENDERS_NONE');
  }
  const chosen = ways.filter(({ sender }) => name === undefined || sender.name === name);
  if (chosen.length === 0) {
    const known = ways.map(({ sender }) => sender.name).join(', ');
    throw new BreakwatchError('SENDER_UNKNOWN', { way: name ?? 'any', known });
  }
  return Promise.all(
    chosen.map(async ({ sender }) => {
      const answers: string[] = [];
      try {
        for (const notice of makeTestNotices(now)) {
          const never = new AbortController().signal;
          answers.push(
            await withinTime(sender.name, timeoutMs, never, (signal) =>
              sender.send([notice], signal),
            ),
          );
        }
        return { way: sender.name, ok: true, answer: [...new Set(answers)].join('; ') };
      } catch (thrown) {
        return { way: sender.name, ok: false, answer: asBreakwatchError(thrown).message };
      }
    }),
  );
}
