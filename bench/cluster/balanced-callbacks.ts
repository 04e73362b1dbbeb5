import { setTimeout as wait } from 'node:timers/promises';
import { signedCallback } from '../../test/helpers/signed-callback.ts';

const ARREARS =
  'Your CSS services have been suspended due to overdue payments. Please top up your account balance.';
/** CSS waits a minute; the load repeats sooner, so that a run is short. */
const REPEAT_MS = 500;
const TIMEOUT_MS = 4_000;
/** A fifth of accepted callbacks are sent once more, to another server. */
const SENT_TWICE = 0.2;

/** A storm of callbacks behind a load balancer that picks any server. */
export interface BalancedCallbacks {
  /** Streams whose break was acknowledged. */
  acknowledged: Set<string>;
  /** Requests that were refused or not answered, and sent again. */
  repeated: number;
  /** Reports a break; resolves when a server has acknowledged it. */
  report(account: string, stream: string, at?: number): Promise<void>;
  /** Reports breaks until {@link BalancedCallbacks.stop}. @param perSecond - so many */
  start(account: string, perSecond: number): void;
  /** Stops, and resolves when all that were begun are acknowledged. */
  stop(): Promise<void>;
}

/**
 * @param urls - of the servers; any of them may not answer
 * @param random - 0 to 1
 */
export function balanceCallbacks(
  urls: () => readonly string[],
  random: () => number,
): BalancedCallbacks {
  const running = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let number = 0;

  async function post(account: string, body: string): Promise<boolean> {
    const all = urls();
    const url = all[Math.floor(random() * all.length)];
    try {
      const answer = await fetch(`${url}/callbacks/css/${account}`, {
        method: 'POST',
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return answer.status === 200;
    } catch {
      return false;
    }
  }

  const load: BalancedCallbacks = {
    acknowledged: new Set(),
    repeated: 0,
    async report(account, stream, at = Date.now()) {
      const body = JSON.stringify(
        signedCallback({
          at,
          change: {
            ...{ sequence: `of ${stream}`, stream_id: stream, channel_id: stream },
            ...{ event_type: 0, errcode: 18, errmsg: ARREARS, push_duration: '0' },
          },
        }),
      );
      while (!(await post(account, body))) {
        load.repeated += 1;
        await wait(REPEAT_MS);
      }
      load.acknowledged.add(stream);
      if (random() < SENT_TWICE) {
        await post(account, body);
      }
    },
    start(account, perSecond) {
      timer = setInterval(() => {
        number += 1;
        const one = load.report(account, `storm-${number}`);
        running.add(one);
        one.finally(() => running.delete(one));
      }, 1_000 / perSecond);
    },
    async stop() {
      clearInterval(timer);
      while (running.size > 0) {
        await Promise.all(running);
      }
    },
  };
  return load;
}
