import { type Behaviour, type Received, startReceiver } from '../../test/alerts/receiver.ts';
import { accountOf, FATES, type Fate } from './outage-alerts.ts';

/** One request to a receiver. Times are epoch ms UTC. */
interface Watched {
  at: number;
  body: Received['body'];
  accepted: boolean;
}

/** A real receiver of webhooks that notes when it was asked for what, and what it accepted. */
export interface WatchedReceiver {
  url: string;
  /** How it behaves until {@link WatchedReceiver.heal}; null takes everything. */
  break(how: Behaviour): void;
  heal(): void;
  requests: readonly Watched[];
  /** What its reader knows in the end, as numbers of alerts. */
  notified(each: number): Record<'lost' | 'told_twice' | 'resolves_lost' | 'pages_late', number>;
  /** Requests under way at once, at most. */
  mostAtOnce(): number;
  close(): Promise<void>;
}

/** Starts a {@link WatchedReceiver} on a free port of loopback. */
export async function watchReceiver(): Promise<WatchedReceiver> {
  const receiver = await startReceiver();
  const requests: Watched[] = [];
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
    // Only what is counted here is kept.
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
    notified: (each) => toldOf(requests, each),
    mostAtOnce: () => max,
    close: () => receiver.close(),
  };
}

function toldOf(requests: readonly Watched[], each: number) {
  const taken = new Map<string, Watched['body'][]>();
  for (const { body, accepted } of requests) {
    if (accepted) {
      const bodies = taken.get(body.dedupKey) ?? [];
      bodies.push(body);
      taken.set(body.dedupKey, bodies);
    }
  }
  const sum = { lost: 0, told_twice: 0, resolves_lost: 0, pages_late: 0 };
  const isOver = (fate: Fate) => fate === 'ends' || fate === 'missed';
  for (const fate of FATES) {
    for (let index = 0; index < each; index += 1) {
      const bodies = taken.get(`incident:${accountOf(fate, index)}`) ?? [];
      const pages = bodies.filter(({ type }) => type === 'alert.page');
      const resolves = bodies.filter(({ type }) => type === 'alert.resolve');
      const ids = new Set(bodies.map(({ id }) => id));
      const isNotified = pages.length > 0 || resolves.some(({ missed }) => missed);
      const isTwice = pages.length > 1 || resolves.length > 1 || ids.size < bodies.length;
      sum.lost += isNotified ? 0 : 1;
      sum.told_twice += isTwice ? 1 : 0;
      sum.resolves_lost += isOver(fate) && resolves.length === 0 ? 1 : 0;
      sum.pages_late += pages.filter(({ late }) => late).length;
    }
  }
  return sum;
}
