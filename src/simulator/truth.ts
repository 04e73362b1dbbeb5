import type { CallbackDelivery, CallbackPoster } from './callback-poster.ts';
import type { Push } from './push.ts';
import type { World } from './world.ts';

/** A push as the truth tells it: all but its URL parameters. Times are ms since the epoch. */
export type TruePush = Omit<Push, 'streamParam'>;

/** A break or refusal in truth. */
export interface TrueBreak extends TruePush {
  endedAt: number;
  /** ms until the same stream was live again; null while it is not. */
  downMs: number | null;
}

/** What really happened, for tests to compare with what the product says. */
export interface Truth {
  now: number;
  /** Where history ends and live events (with callbacks) begin. */
  liveFrom: number;
  /** Every push: finished ones in the order of their ends, then those on air. */
  pushes: TruePush[];
  /** Pushes that broke or were refused, in the order of their ends. */
  breaks: TrueBreak[];
  callbacks: Record<CallbackDelivery['state'], number>;
  deliveries: CallbackDelivery[];
}

/** Takes a picture of the ground truth. */
export function tellTruth(world: World, poster: CallbackPoster | undefined): Truth {
  const pushes = [...world.finished, ...world.live.values()].map(withoutParam);
  const deliveries = [...(poster?.deliveries ?? [])];
  const callbacks = { waiting: 0, delivered: 0, 'given-up': 0, dropped: 0, lost: 0 };
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
