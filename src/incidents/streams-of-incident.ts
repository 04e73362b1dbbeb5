import {
  type Chain,
  type Incident,
  type IncidentStream,
  STREAM_STATES,
} from '../model/incident.ts';
import { statusOfOutages } from './judge-stream.ts';
import { INCIDENT_OPTIONS } from './options.ts';

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
  const streams = [...outages.values()].map((ofStream): IncidentStream => {
    const { domain, app, stream, startedAt, endedAt } = ofStream.at(-1) as Chain;
    const state = statusOfOutages(ofStream, now)?.state ?? 'live';
    return { domain, app, stream, state, downSince: startedAt, endedAt };
  });
  for (const { last, endedAt } of past?.streams.values() ?? []) {
    if (!outages.has(keyOf(last))) {
      const { domain, app, stream, startedAt } = last;
      const state = now - endedAt < INCIDENT_OPTIONS.holdMs ? 'recovered' : 'live';
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
