import { Agent, request } from 'node:http';

/** A query of a panel, without its refId. */
export type PanelQuery = Record<string, unknown> & { queryType: string };

/** The panels that are measured, with the length of their range in ms. */
export const PANELS = {
  series_30d: [30 * 86_400_000, { queryType: 'series', groupBy: ['category'] }],
  by_stream_30d: [30 * 86_400_000, { queryType: 'series', groupBy: ['stream'] }],
  lost_30d: [30 * 86_400_000, { queryType: 'series', measure: 'lostMinutes' }],
  table_24h: [86_400_000, { queryType: 'breaks', limit: 100 }],
  incidents_6h: [6 * 3_600_000, { queryType: 'incidents' }],
} as const satisfies Record<string, readonly [number, PanelQuery]>;
export type Panel = keyof typeof PANELS;

const agent = new Agent({ keepAlive: true, maxSockets: 400 });

/** Asks for one panel and reads the whole answer. Resolves with the status and the time in ms. */
export function askPanel(
  url: string,
  panel: Panel,
  to: number,
): Promise<{ status: number; ms: number }> {
  const [rangeMs, query] = PANELS[panel];
  // Not on the hour, so that the edges are read too.
  const end = to - 123_456;
  const body = JSON.stringify({
    from: end - rangeMs,
    to: end,
    queries: [{ refId: 'A', ...query }],
  });
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { 'accept-encoding': 'gzip' };
    const sent = request(`${url}/api/v1/query`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, ms: performance.now() - begun }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Starts clients that ask for panels without a pause. Call the result to stop them. */
export function startClients(
  url: string,
  clients: number,
  to: number,
): () => Promise<{ answered: number; refused: number }> {
  const panels = Object.keys(PANELS) as Panel[];
  let asking = true;
  let answered = 0;
  let refused = 0;
  const all = Promise.all(
    Array.from({ length: clients }, async (_one, index) => {
      for (let turn = index; asking; turn++) {
        const { status } = await askPanel(url, panels[turn % panels.length] as Panel, to);
        if (status === 200) {
          answered += 1;
        } else {
          refused += 1;
          // Like a person whose panel failed, who does not reload at once.
          await new Promise((resolve) => setTimeout(resolve, 1_000));
        }
      }
    }),
  );
  return async () => {
    asking = false;
    await all;
    return { answered, refused };
  };
}
