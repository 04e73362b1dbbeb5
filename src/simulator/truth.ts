import type { CallbackDelivery, CallbackPoster } from './callback-poster.ts';
import type { Push } from './push.ts';
import type { World } from './world.ts';

/** A push without its URL parameters. Times are ms since the epoch. */
export type TruePush = Omit<Push, 'streamParam'>;

/** A push that really broke or was refused. */
export interface TrueBreak extends TruePush {
  endedAt: number;
  /** Time until the same stream was live again, ms; null while it is down. */
  downMs: number | null;
}

/** What really happened. Tests compare it with Breakwatch's results. */
export interface Truth {
  now: number;
  /** Where history ends and live events (with callbacks) begin. */
  liveFrom: number;
  /** All pushes: finished ones by end time, then live ones. */
  pushes: TruePush[];
  /** Pushes that broke or were refused, by end time. */
  breaks: TrueBreak[];
  callbacks: Record<CallbackDelivery['state'], number>;
  deliveries: CallbackDelivery[];
}

/** Takes a snapshot of what really happened. */
export function readTruth(world: World, poster: CallbackPoster | undefined): Truth {
  const pushes = [...world.finished, ...world.live.values()].map(withoutParam);
  const deliveries = [...(poster?.deliveries ?? [])];
  const callbacks = { waiting: 0, delivered: 0, failed: 0, dropped: 0, lost: 0 };
  for (const delivery of deliveries) callbacks[delivery.state] += 1;
  return {
    now: world.now,
    liveFrom: world.liveFrom,
    pushes,
    breaks: pushes
      .filter((push) => push.outcome === 'broken' || push.outcome === 'refused')
      .map((push) => ({
        ...push,
        endedAt: push.endedAt as number,
        downMs: push.recoveredAt === undefined ? null : push.recoveredAt - (push.endedAt as number),
      })),
    callbacks,
    deliveries,
  };
}

function withoutParam({ streamParam: _, ...rest }: Push): TruePush {
  return rest;
}
