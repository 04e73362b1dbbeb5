import {
  type Chain,
  type Incident,
  type IncidentStream,
  STREAM_STATES,
} from '../model/incident.ts';
import { statusOfOutages } from './judge-stream.ts';

/**
 * Lists the streams of an incident, each with its state: those that are down first, and of the same state
 * the one that broke first.
 *
 * @param now - epoch ms UTC
 */
export function streamsOfIncident({ chains, past }: Incident, now: number): IncidentStream[] {
  const outages = new Map<string, Chain[]>();
  for (const chain of chains) {
    const key = keyOf(chain);
    const ofStream = outages.get(key);
    if (ofStream) {
      ofStream.push(chain);
    } else {
      outages.set(key, [chain]);
    }
  }
  const older = new Map(
    [...(past?.streams.values() ?? [])].map((stream) => [keyOf(stream.last), stream]),
  );
  const streams = [...outages].map(([key, ofStream]): IncidentStream => {
    const { domain, app, stream, startedAt, endedAt } = ofStream.at(-1) as Chain;
    const state = statusOfOutages(ofStream, now, older.get(key))?.state ?? 'live';
    return { domain, app, stream, state, downSince: startedAt, endedAt };
  });
  for (const [key, before] of older) {
    if (!outages.has(key)) {
      const { last, endedAt } = before;
      const { domain, app, stream, startedAt } = last;
      const state = statusOfOutages([], now, before)?.state ?? 'live';
      streams.push({ domain, app, stream, state, downSince: startedAt, endedAt });
    }
  }
  const rankOf = ({ state, endedAt }: IncidentStream) =>
    (endedAt === null ? 0 : STREAM_STATES.length) + STREAM_STATES.indexOf(state);
  return streams
    .map((one) => ({ one, rank: rankOf(one) }))
    .sort(
      ({ one: a, rank }, { one: b, rank: other }) =>
        rank - other || a.downSince - b.downSince || (keyOf(a) < keyOf(b) ? -1 : 1),
    )
    .map(({ one }) => one);
}

function keyOf({ domain, app, stream }: Pick<Chain, 'domain' | 'app' | 'stream'>): string {
  return `${domain}\n${app}\n${stream}`;
}
