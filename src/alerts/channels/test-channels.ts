import { BreakwatchError } from '../../model/errors.ts';
import type { ChannelTest } from '../../model/notice.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { ChannelRoute } from '../outbox/channel-route.ts';
import { makeTestNotices } from '../outbox/make-test-notices.ts';
import { withTimeout } from '../outbox/with-timeout.ts';

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Sends a test alert and its resolve through one channel or all, without the outbox.
 *
 * @param name - of the channel; all when undefined
 * @param timeoutMs - maximum wait for each answer, ms
 * @param now - epoch ms UTC
 * @throws `NO_CHANNELS`, `CHANNEL_UNKNOWN`
 */
export async function testChannels(
  channels: readonly ChannelRoute[],
  name: string | undefined,
  timeoutMs = DEFAULT_TIMEOUT_MS,
  now = Date.now(),
): Promise<ChannelTest[]> {
  if (channels.length === 0) {
    throw new BreakwatchError('NO_CHANNELS');
  }
  const chosen = channels.filter(({ channel }) => name === undefined || channel.name === name);
  if (chosen.length === 0) {
    const known = channels.map(({ channel }) => channel.name).join(', ');
    throw maskedError('CHANNEL_UNKNOWN', { channel: name ?? 'any', known });
  }
  return Promise.all(
    chosen.map(async ({ channel }) => {
      const answers: string[] = [];
      try {
        for (const notice of makeTestNotices(now)) {
          const never = new AbortController().signal;
          answers.push(
            await withTimeout(channel.name, timeoutMs, never, (signal) =>
              channel.send([notice], signal),
            ),
          );
        }
        return { channel: channel.name, ok: true, answer: [...new Set(answers)].join('; ') };
      } catch (thrown) {
        return { channel: channel.name, ok: false, answer: asBreakwatchError(thrown).message };
      }
    }),
  );
}
