import type { Push } from '../model/push.ts';

/** Two sources tell the start of one push at most this far apart, in ms. */
const SAME_PUSH_MS = 5_000;
/**
 * A push whose end nobody told counts as live for so long, in ms, unless the next push of its stream
 * ends it sooner. CSS repeats an end for 12 minutes; who was away for longer never hears of it.
 */
export const MAX_LIVE_MS = 3 * 86_400_000;

/**
 * Takes each push once and leaves out those that can hardly be live any more. A push that callback
 * and API both told of is one, with the callback's start and either's end.
 *
 * @param pushes - in any order
 * @param now - epoch ms UTC
 */
export function tidyPushes(pushes: readonly Push[], now: number): Push[] {
  const echoes = pushes.filter(({ sequence }) => sequence === null);
  const byCallback = pushes.filter(({ sequence }) => sequence !== null);
  const own = echoes.length > 0 && byCallback.length > 0 ? byStream(byCallback) : null;
  const ends = new Map<Push, number>();
  const others = own
    ? echoes.filter((echo) => {
        const push = own
          .get(streamOf(echo))
          ?.find(({ startedAt }) => Math.abs(startedAt - echo.startedAt) <= SAME_PUSH_MS);
        if (push && push.endedAt === null && echo.endedAt !== null) {
          ends.set(push, echo.endedAt);
        }
        return push === undefined;
      })
    : echoes;
  return [
    ...byCallback.map((push) => {
      const endedAt = ends.get(push);
      return endedAt === undefined ? push : { ...push, endedAt };
    }),
    ...others,
  ].filter(({ startedAt, endedAt }) => endedAt !== null || now - startedAt <= MAX_LIVE_MS);
}

function byStream(pushes: readonly Push[]): Map<string, Push[]> {
  const streams = new Map<string, Push[]>();
  for (const push of pushes) {
    const known = streams.get(streamOf(push));
    if (known) {
      known.push(push);
    } else {
      streams.set(streamOf(push), [push]);
    }
  }
  return streams;
}

function streamOf({ account, domain, app, stream }: Push): string {
  return `${account}\n${domain}\n${app}\n${stream}`;
}
