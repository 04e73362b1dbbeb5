import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Receiver, refuse, startReceiver } from '../alerts/receiver.ts';
import { prepareServe, type ServeProcess } from '../helpers/serve-process.ts';
import { CALLBACK_KEY, signedCallback } from '../helpers/signed-callback.ts';
import { newSchema, type TestSchema } from './new-schema.ts';

/** The machine of the tests may be busy. */
const SOON = { timeout: 30_000 };
const AHEAD_MS = 180_000;
const SHIFT = fileURLToPath(new URL('./shift-clock.mjs', import.meta.url));

interface Health {
  rules: { set: string };
  cluster: {
    leads: boolean;
    rules: { set: string; by: string } | null;
    servers: { leads: boolean; clockAheadMs: number | null }[];
    errors: { code: string; message: string; remedy: string }[];
  };
}

let made: TestSchema;
let servers: ServeProcess[];

beforeEach(() => {
  made = newSchema();
  servers = [];
});

afterEach(async () => {
  for (const server of servers) {
    await server.remove();
  }
  await made.remove();
});

/** Starts one more server on the schema. @param yaml - besides its database */
async function start(yaml = '', environment: NodeJS.ProcessEnv = {}): Promise<ServeProcess> {
  const { url = '', schema = '' } = made.settings;
  const served = await prepareServe(`database: { url: '${url}', schema: ${schema} }\n${yaml}`, {
    BREAKWATCH_CALLBACK_KEY: CALLBACK_KEY,
    ...environment,
  });
  servers.push(served);
  await served.start();
  return served;
}

const healthOf = async ({ url }: ServeProcess) =>
  (await (await fetch(`${url}/api/v1/health`)).json()) as Health;
const leads = async (server: ServeProcess) => (await healthOf(server)).cluster.leads;
const codesOf = async (server: ServeProcess) =>
  (await healthOf(server)).cluster.errors.map(({ code }) => code);

async function report({ url }: ServeProcess, stream: string, account = 'default') {
  const body = JSON.stringify(
    signedCallback({ change: { sequence: `of ${stream}`, stream_id: stream } }),
  );
  return (await fetch(`${url}/callbacks/css/${account}`, { method: 'POST', body })).status;
}

/** As CSS does: until a server takes it. */
async function reportUntilTaken(among: readonly ServeProcess[], stream: string) {
  let turn = 0;
  await expect
    .poll(() => report(among[turn++ % among.length] as ServeProcess, stream), SOON)
    .toBe(200);
}

/** Streams of all breaks in the database, sorted: one that was stored twice is there twice. */
const stored = async () =>
  (await made.query('SELECT stream FROM breaks ORDER BY 1')).map(({ stream }) => stream);

describe('servers that do not fit together', () => {
  test('a clock that is minutes ahead is named, and nothing is lost or counted twice', async () => {
    const right = await start();
    const wrong = await start('', {
      NODE_OPTIONS: `--import=${SHIFT}`,
      CLOCK_AHEAD_MS: String(AHEAD_MS),
    });
    await expect.poll(() => codesOf(wrong), SOON).toEqual(['CLOCK_DIFFERS']);
    const { cluster } = await healthOf(wrong);
    expect(cluster.errors[0]?.message).toMatch(/is (179|180|181) s ahead/);
    expect(cluster.errors[0]?.remedy).toContain('NTP');
    expect(await codesOf(right)).toEqual([]);
    await expect
      .poll(async () => {
        const { cluster: seen } = await healthOf(right);
        return seen.servers.filter(({ clockAheadMs }) => (clockAheadMs ?? 0) > AHEAD_MS - 5_000)
          .length;
      }, SOON)
      .toBe(1);
    const metrics = await (await fetch(`${wrong.url}/metrics`)).text();
    const ahead = /^breakwatch_clock_ahead_seconds (\S+)$/m.exec(metrics)?.[1];
    expect(Math.abs(Number(ahead) - AHEAD_MS / 1_000)).toBeLessThan(5);

    const streams = ['a', 'b', 'c', 'd'];
    for (const stream of streams) {
      await reportUntilTaken(servers, stream);
      expect(await report(right, stream)).toBe(200);
      expect(await report(wrong, stream)).toBe(200);
    }
    await expect.poll(stored, SOON).toEqual(streams);
    // It may lead as well: who leads is decided by the clock of the database alone.
    await right.kill('SIGKILL');
    await expect.poll(() => leads(wrong), SOON).toBe(true);
    expect(await report(wrong, 'e')).toBe(200);
    await expect.poll(stored, SOON).toEqual([...streams, 'e']);
    await right.start();
    await expect.poll(async () => (await healthOf(right)).cluster.servers.length, SOON).toBe(3);
    expect([await leads(right), await leads(wrong)]).toEqual([false, true]);
  });

  test('two installations on one schema name each other, and each takes the callbacks of its account', async () => {
    const accounts = (name: string) =>
      `accounts: [{ name: ${name}, site: cn, callbackKeys: ['${CALLBACK_KEY}'] }]`;
    const shop = await start(accounts('shop'), { BREAKWATCH_CALLBACK_KEY: '' });
    const school = await start(accounts('school'), { BREAKWATCH_CALLBACK_KEY: '' });
    for (const [server, own, other] of [
      [shop, 'shop', 'school'],
      [school, 'school', 'shop'],
    ] as const) {
      await expect.poll(() => codesOf(server), SOON).toEqual(['SERVERS_DIFFER']);
      const [error] = (await healthOf(server)).cluster.errors;
      expect(error?.message).toContain(`other accounts: ${other} instead of ${own}`);
      expect(error?.remedy).toContain('a schema of its own');
      expect(await report(server, `of ${own}`, own)).toBe(200);
      expect(await report(server, 'lost', other)).toBe(404);
    }
    await expect.poll(stored, SOON).toEqual(['of school', 'of shop']);
    expect(
      await made.query('SELECT DISTINCT account FROM journal').then((rows) => rows.length),
    ).toBe(2);
  });

  test('tables of servers and rules that somebody empties come back, and nothing is lost', async () => {
    const both = [await start(), await start()];
    for (const server of both) {
      await expect.poll(async () => (await healthOf(server)).cluster.rules, SOON).not.toBeNull();
    }
    const [first] = both as [ServeProcess];
    const { set } = (await healthOf(first)).rules;
    await reportUntilTaken(both, 'before');
    await made.query(
      'DELETE FROM writer; DELETE FROM servers; DELETE FROM calls; DELETE FROM rule_revisions',
    );
    for (const stream of ['after-1', 'after-2']) {
      await reportUntilTaken(both, stream);
    }
    await expect.poll(stored, SOON).toEqual(['after-1', 'after-2', 'before']);
    await expect
      .poll(async () => (await Promise.all(both.map(leads))).filter(Boolean).length, SOON)
      .toBe(1);
    for (const server of both) {
      await expect.poll(async () => (await healthOf(server)).cluster.rules?.set, SOON).toBe(set);
      await expect.poll(async () => (await healthOf(server)).cluster.servers.length, SOON).toBe(2);
    }
    expect(
      (await made.query('SELECT seq FROM journal ORDER BY 1')).map(({ seq }) => Number(seq)),
    ).toEqual([1, 2, 3]);
  });
});

describe('a server that is stopped between the storing and the sending of a notice', () => {
  let receiver: Receiver;

  beforeEach(async () => {
    receiver = await startReceiver();
  });

  afterEach(() => receiver.close());

  test('sends nothing when it goes on: the next one has sent it, once', async () => {
    const channel = `alerts:
  grafanaAlerting: false
  channels: [{ name: on-call, type: webhook, url: '${receiver.url}', sendUpdates: false }]`;
    const both = [await start(channel), await start(channel)] as [ServeProcess, ServeProcess];
    await expect
      .poll(async () => (await Promise.all(both.map(leads))).includes(true), SOON)
      .toBe(true);
    const [leader, other] = (await leads(both[0])) ? both : [both[1], both[0]];
    // The notice is stored and its first attempt refused, so that it waits for the next one.
    let isStopped = false;
    receiver.behave = (one, response) => {
      refuse(503)(one, response);
      if (!isStopped) {
        isStopped = true;
        setTimeout(() => process.kill(leader.pid() as number, 'SIGSTOP'), 100);
      }
    };
    await leader.breakAll(12);
    await expect.poll(() => isStopped, { timeout: 60_000 }).toBe(true);
    const [waiting] = await made.query(
      `SELECT count(*)::integer AS n FROM documents WHERE kind LIKE 'notice%'`,
    );
    expect(waiting.n).toBeGreaterThan(0);
    receiver.behave = (_one, response) => response.end('ok');
    const before = receiver.received.length;
    await expect.poll(() => leads(other), SOON).toBe(true);
    await expect.poll(() => receiver.received.length, { timeout: 60_000 }).toBe(before + 1);
    const [first, sent] = [receiver.received[0], receiver.received.at(-1)];
    expect(sent?.body).toMatchObject({ id: first?.body.id, dedupKey: first?.body.dedupKey });

    process.kill(leader.pid() as number, 'SIGCONT');
    await expect.poll(() => leads(leader).catch(() => true), SOON).toBe(false);
    // Its retry was due long ago; it had the time to be sent.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect(receiver.received.length).toBe(before + 1);
    expect(await leads(other)).toBe(true);
  }, 180_000);
});
