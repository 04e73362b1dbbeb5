import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../alerts/receiver.ts';
import { prepareServe, type ServeProcess } from '../helpers/serve-process.ts';
import { CALLBACK_KEY, signedCallback } from '../helpers/signed-callback.ts';
import { newSchema, type TestSchema } from './new-schema.ts';

/** The server that leads must be replaced within this time, ms; the machine of the tests may be busy. */
const HANDED_OVER_MS = 30_000;

interface Health {
  accounts: { lastCallbackAt: number | null }[];
  store: { breaks: number; journal: number };
  deriving: { behind: number };
  cluster: {
    leads: boolean;
    leader: string | null;
    servers: { name: string; leads: boolean }[];
    errors: { code: string }[];
  };
}

let made: TestSchema;
let receiver: Receiver;
let servers: ServeProcess[];

/** The tests of this file follow each other: two servers, and what happens to the one that leads. */
beforeAll(async () => {
  made = newSchema();
  receiver = await startReceiver();
  const { url = '', schema = '' } = made.settings;
  const yaml = `
database: { url: '${url}', schema: ${schema} }
alerts:
  channels: [{ name: on-call, type: webhook, url: '${receiver.url}' }]
`;
  const environment = { BREAKWATCH_CALLBACK_KEY: CALLBACK_KEY };
  servers = [await prepareServe(yaml, environment), await prepareServe(yaml, environment)];
  for (const server of servers) {
    await server.start();
  }
}, 120_000);

afterAll(async () => {
  for (const server of servers ?? []) {
    await server.remove();
  }
  await receiver?.close();
  await made?.remove();
});

const healthOf = async ({ url }: ServeProcess) =>
  (await (await fetch(`${url}/api/v1/health`)).json()) as Health;

/** Waits until exactly one of some servers leads, and returns it and the others. */
async function findLeader(
  among: readonly ServeProcess[] = servers,
): Promise<[leader: ServeProcess, ...others: ServeProcess[]]> {
  let found: ServeProcess[] = [];
  await expect
    .poll(
      async () => {
        const states = await Promise.all(among.map(healthOf));
        found = among.filter((_one, index) => states[index]?.cluster.leads);
        return found.length;
      },
      { timeout: HANDED_OVER_MS },
    )
    .toBe(1);
  return [...found, ...among.filter((one) => !found.includes(one))] as [ServeProcess];
}

/** Reports a refused push, or its repetition, at one server. */
const callback = async ({ url }: ServeProcess, stream: string) =>
  (
    await fetch(`${url}/callbacks/css/default`, {
      method: 'POST',
      body: JSON.stringify(
        signedCallback({ change: { sequence: `of ${stream}`, stream_id: stream } }),
      ),
    })
  ).status;

/** The streams of all breaks that a server knows, in order. */
async function streamsOf({ url }: ServeProcess): Promise<string[]> {
  const now = Date.now();
  const answer = await fetch(
    `${url}/api/v1/breaks?from=${now - 3_600_000}&to=${now + 3_600_000}&limit=1000`,
  );
  const { breaks } = (await answer.json()) as { breaks: { stream: string }[] };
  return breaks.map(({ stream }) => stream).sort();
}

const pages = () => receiver.received.filter(({ body }) => body.type === 'alert.page');

const post = (server: ServeProcess, path: string, body: unknown) =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('two servers on one database', () => {
  test('one leads, both take callbacks, and both show what is derived', async () => {
    const [leader, other] = (await findLeader()) as [ServeProcess, ServeProcess];
    expect((await healthOf(other)).cluster).toMatchObject({ leads: false, errors: [] });
    const watched = await fetch(`${other.url}/api/v1/stream`);
    const names = Array.from({ length: 20 }, (_one, n) => `first-${String(n).padStart(2, '0')}`);
    for (const [n, name] of names.entries()) {
      expect(await callback(n % 2 ? leader : other, name)).toBe(200);
      // CSS repeats it, and the balancer sends it to the other server.
      expect(await callback(n % 2 ? other : leader, name)).toBe(200);
    }
    for (const server of [leader, other]) {
      await expect.poll(() => streamsOf(server), { timeout: 30_000 }).toEqual(names);
      const { store, accounts } = await healthOf(server);
      expect(store).toMatchObject({ breaks: 20, journal: 20 });
      expect(accounts[0]?.lastCallbackAt).toBeGreaterThan(Date.now() - 60_000);
    }
    // The page of the other server is told to look again.
    let events = '';
    const told = watched.body?.pipeThrough(new TextDecoderStream());
    for await (const piece of told as unknown as AsyncIterable<string>) {
      events += piece;
      if (events.includes('event: skipped')) {
        break;
      }
    }
  });

  test('an incident notifies once, and is acknowledged at the server that does not lead', async () => {
    const [leader, other] = (await findLeader()) as [ServeProcess, ServeProcess];
    await other.breakAll(12);
    await expect.poll(() => pages().length, { timeout: 60_000 }).toBeGreaterThan(0);
    const now = Date.now();
    const incidents = async (server: ServeProcess) => {
      const answer = await post(server, '/api/v1/query', {
        from: now - 3_600_000,
        to: now + 600_000,
        queries: [{ refId: 'A', queryType: 'incidents' }],
      });
      const { results } = (await answer.json()) as {
        results: { A: { frames: { fields: { name: string; values: string[] }[] }[] } };
      };
      return results.A.frames[0]?.fields.find(({ name }) => name === 'id')?.values ?? [];
    };
    await expect.poll(() => incidents(other), { timeout: 30_000 }).not.toEqual([]);
    const [id = ''] = await incidents(other);
    const answer = await post(other, `/api/v1/incidents/${id}/acknowledge`, { by: 'Kim' });
    expect(await answer.json()).toMatchObject({ acknowledged: { by: 'Kim' } });
    const shown = await fetch(`${leader.url}/api/v1/incidents/${id}`);
    expect(await shown.json()).toMatchObject({ acknowledged: { by: 'Kim' } });
    expect(new Set(pages().map(({ body }) => body.id)).size).toBe(pages().length);
    // The acknowledgement is a notice, too.
    const outbox = async () => (await fetch(`${other.url}/api/v1/alerts/outbox`)).json();
    await expect
      .poll(outbox, { timeout: 30_000 })
      .toMatchObject({ channels: [{ channel: 'on-call', waiting: 0 }] });
  });

  test('an import at the server that does not lead is derived, and no secret of it is ever in the database', async () => {
    const [leader, other] = (await findLeader()) as [ServeProcess, ServeProcess];
    // Questions to the leader are deleted when they are answered.
    await made.query(`CREATE TABLE asked (body text);
      CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT
        AS 'BEGIN INSERT INTO asked VALUES (NEW.body); RETURN NEW; END';
      CREATE TRIGGER note BEFORE INSERT ON calls FOR EACH ROW EXECUTE FUNCTION note()`);
    const before = await streamsOf(other);
    const one = signedCallback({ change: { stream_id: 'imported', sequence: 'of import' } });
    const importText = async (text: string) => {
      const answer = await fetch(`${other.url}/api/v1/import`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: text,
      });
      return answer.json();
    };
    const secret = /txSecret=(\w+)/.exec(String(one.stream_param))?.[1] ?? '';
    expect(secret).toHaveLength(32);
    const records = [{ nothing: 'known' }, one].map((record) => JSON.stringify(record));
    expect(await importText(records.join('\n'))).toMatchObject({
      accepted: 1,
      errors: [{ line: 1, error: { code: expect.any(String) } }],
    });
    await expect.poll(() => streamsOf(leader), { timeout: 30_000 }).toContain('imported');
    // An export goes in again: all of it is known.
    const exported = await (await fetch(`${leader.url}/api/v1/export`)).text();
    expect(await importText(exported)).toMatchObject({ accepted: 0, errors: [] });
    expect(await streamsOf(other)).toEqual([...before, 'imported'].sort());
    const [incident] = await made.query(`SELECT id FROM documents WHERE kind = 'incident' LIMIT 1`);
    const note = await post(other, `/api/v1/incidents/${incident.id}/note`, {
      by: 'Kim',
      text: `tried rtmp://push.example.com/live/imported?txSecret=${secret}`,
    });
    expect(note.status).toBe(200);
    const asked: { body: string }[] = await made.query('SELECT body FROM asked');
    expect(asked.length).toBeGreaterThanOrEqual(3);
    for (const { body } of asked) {
      expect(body).not.toContain(secret);
      expect(body).not.toContain(String(one.sign));
    }
    expect(asked.some(({ body }) => body.includes('txSecret=***'))).toBe(true);
  });

  test('after kill -9 of the leader the other one leads, with nothing lost and nothing twice', async () => {
    const [leader, other] = (await findLeader()) as [ServeProcess, ServeProcess];
    const before = await streamsOf(other);
    const sent = Array.from({ length: 30 }, (_one, n) => `killed-${String(n).padStart(2, '0')}`);
    const told = pages().length;
    for (const [n, name] of sent.entries()) {
      if (n === 15) {
        await leader.kill('SIGKILL');
      }
      expect(await callback(n < 15 && n % 2 ? leader : other, name)).toBe(200);
    }
    await findLeader([other]);
    await expect
      .poll(() => streamsOf(other), { timeout: HANDED_OVER_MS })
      .toEqual([...before, ...sent].sort());
    expect((await healthOf(other)).store.journal).toBe(before.length + sent.length + 12);
    // What the leader had notified is not notified again.
    expect(new Set(pages().map(({ body }) => body.id)).size).toBe(pages().length);
    expect(pages().length).toBeGreaterThanOrEqual(told);
    await leader.start();
  });

  test('a leader that was stopped is replaced, and only takes callbacks when it goes on', async () => {
    const [leader, other] = (await findLeader()) as [ServeProcess, ServeProcess];
    const before = await streamsOf(other);
    process.kill(leader.pid() as number, 'SIGSTOP');
    try {
      const sent = Array.from({ length: 10 }, (_one, n) => `stopped-${n}`);
      for (const name of sent) {
        expect(await callback(other, name)).toBe(200);
      }
      await findLeader([other]);
      await expect
        .poll(() => streamsOf(other), { timeout: HANDED_OVER_MS })
        .toEqual([...before, ...sent].sort());
    } finally {
      process.kill(leader.pid() as number, 'SIGCONT');
    }
    await expect
      .poll(async () => (await healthOf(leader)).cluster.leads, { timeout: HANDED_OVER_MS })
      .toBe(false);
    expect(await callback(leader, 'after-stop')).toBe(200);
    await expect.poll(() => streamsOf(leader), { timeout: 30_000 }).toContain('after-stop');
    expect((await healthOf(other)).cluster.leads).toBe(true);
    expect(new Set(pages().map(({ body }) => body.id)).size).toBe(pages().length);
  });

  test('a leader that is asked to end hands over at once', async () => {
    const [leader, other] = (await findLeader()) as [ServeProcess, ServeProcess];
    expect(await leader.kill('SIGTERM')).toEqual([0, null]);
    await findLeader([other]);
    expect(await callback(other, 'handed-over')).toBe(200);
    await expect.poll(() => streamsOf(other), { timeout: 30_000 }).toContain('handed-over');
  });
});
