import { type Behaviour, type Received, startReceiver } from '../../test/alerts/receiver.ts';
import { accountOf, FATES, type Fate } from './outage-alerts.ts';

/** One request to a receiver. Times are epoch ms UTC. */
interface WatchedRequest {
  at: number;
  body: Received['body'];
  accepted: boolean;
}

/** A real webhook receiver that records all requests, and which of them it accepted. */
export interface WatchedReceiver {
  url: string;
  /** Fails with this behaviour until {@link WatchedReceiver.heal}. */
  break(how: Behaviour): void;
  heal(): void;
  requests: readonly WatchedRequest[];
  /** Numbers of alerts by what its reader was notified of. */
  notified(
    each: number,
  ): Record<'lost' | 'notified_twice' | 'resolves_lost' | 'pages_late', number>;
  /** Maximum number of concurrent requests. */
  maxConcurrent(): number;
  close(): Promise<void>;
}

/** Starts a {@link WatchedReceiver} on a free loopback port. */
export async function watchReceiver(): Promise<WatchedReceiver> {
  const receiver = await startReceiver();
  const requests: WatchedRequest[] = [];
  let broken: Behaviour | null = null;
  let open = 0;
  let max = 0;
  receiver.behave = (request, response) => {
    open += 1;
    max = Math.max(max, open);
    response.once('close', () => {
      open -= 1;
    });
    requests.push({ at: Date.now(), body: request.body, accepted: broken === null });
    // Not needed here; saves memory.
    receiver.received.length = 0;
    if (broken) {
      broken(request, response);
    } else {
      response.end('ok');
    }
  };
  return {
    url: receiver.url,
    break(how) {
      broken = how;
    },
    heal() {
      broken = null;
    },
    requests,
    notified: (each) => summarize(requests, each),
    maxConcurrent: () => max,
    close: () => receiver.close(),
  };
}

function summarize(requests: readonly WatchedRequest[], each: number) {
  const acceptedBodies = new Map<string, WatchedRequest['body'][]>();
  for (const { body, accepted } of requests) {
    if (accepted) {
      const bodies = acceptedBodies.get(body.dedupKey) ?? [];
      bodies.push(body);
      acceptedBodies.set(body.dedupKey, bodies);
    }
  }
  const sum = { lost: 0, notified_twice: 0, resolves_lost: 0, pages_late: 0 };
  const isOver = (fate: Fate) => fate === 'ends' || fate === 'missed';
  for (const fate of FATES) {
    for (let index = 0; index < each; index += 1) {
      const bodies = acceptedBodies.get(`incident:${accountOf(fate, index)}`) ?? [];
      const pages = bodies.filter(({ type }) => type === 'alert.page');
      const resolves = bodies.filter(({ type }) => type === 'alert.resolve');
      const ids = new Set(bodies.map(({ id }) => id));
      const isNotified = pages.length > 0 || resolves.some(({ missed }) => missed);
      const isTwice = pages.length > 1 || resolves.length > 1 || ids.size < bodies.length;
      sum.lost += isNotified ? 0 : 1;
      sum.notified_twice += isTwice ? 1 : 0;
      sum.resolves_lost += isOver(fate) && resolves.length === 0 ? 1 : 0;
      sum.pages_late += pages.filter(({ late }) => late).length;
    }
  }
  return sum;
}
