import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createRulesFolder, makeRule, type RulesFolder } from '../helpers/rules-folder.ts';
import { prepareServe, type ServeProcess } from '../helpers/serve-process.ts';
import { CALLBACK_KEY } from '../helpers/signed-callback.ts';
import { newSchema, type TestSchema } from './new-schema.ts';

/** The machine of the tests may be busy. */
const SOON = { timeout: 30_000 };

interface Health {
  rules: { set: string; error: { code: string; remedy: string } | null };
  cluster: {
    leads: boolean;
    rules: {
      revision: number;
      set: string;
      by: string;
      waiting: { waitsFor: { server: string; why: string }[] } | null;
    } | null;
    servers: { name: string; files?: string }[];
    errors: { code: string }[];
  };
}

let made: TestSchema;
let folders: [RulesFolder, RulesFolder];
let servers: [ServeProcess, ServeProcess];

/** The tests of this file follow each other: two servers, each with rule files of its own. */
beforeAll(async () => {
  made = newSchema();
  folders = [createRulesFolder(), createRulesFolder()];
  folders[0].put('network/first.json', makeRule('network/first'));
  const { url = '', schema = '' } = made.settings;
  const yaml = `database: { url: '${url}', schema: ${schema} }`;
  const prepare = (folder: RulesFolder) =>
    prepareServe(yaml, { BREAKWATCH_CALLBACK_KEY: CALLBACK_KEY, BREAKWATCH_RULES: folder.path });
  servers = [await prepare(folders[0]), await prepare(folders[1])];
  await servers[0].start();
  await vi.waitFor(async () => expect((await healthOf(servers[0])).cluster.rules).not.toBeNull(), {
    ...SOON,
    interval: 100,
  });
  await servers[1].start();
}, 120_000);

afterAll(async () => {
  for (const server of servers ?? []) {
    await server.remove();
  }
  for (const folder of folders ?? []) {
    folder.remove();
  }
  await made?.remove();
});

const healthOf = async ({ url }: ServeProcess) =>
  (await (await fetch(`${url}/api/v1/health`)).json()) as Health;

const rulesOf = async ({ url }: ServeProcess) => {
  const { rules } = (await (await fetch(`${url}/api/v1/rules`)).json()) as {
    rules: { id: string }[];
  };
  return rules.map(({ id }) => id).filter((id) => !id.startsWith('unknown/'));
};

const ours = async (server: ServeProcess) =>
  (await rulesOf(server)).filter((id) => /^network\/(first|second|third)$/.test(id));

async function publish(server: ServeProcess, body: object) {
  const answer = await fetch(`${server.url}/api/v1/rules/publish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

const metric = async ({ url }: ServeProcess, name: string) =>
  new RegExp(`^${name} (.*)$`, 'm').exec(await (await fetch(`${url}/metrics`)).text())?.[1];

/** Lets the database list a server of the version before, which knows of no revisions. */
const addOldServer = () =>
  made.query(`INSERT INTO servers (id, name, leads, seen_at, note)
    VALUES (gen_random_uuid(), 'old', NULL, clock_timestamp() + interval '1 hour',
      '{"version":"0.0.9","rules":"x","clockAheadMs":0,"accounts":["default"]}')`);

describe('published rules', () => {
  test('the first server publishes its files, and the next one reports that it has others', async () => {
    const [first, second] = servers;
    expect((await healthOf(first)).cluster.rules).toMatchObject({ revision: 1, waiting: null });
    await expect
      .poll(async () => (await healthOf(second)).rules.error?.code, SOON)
      .toBe('RULES_FILES_DIFFER');
    const { rules, cluster } = await healthOf(second);
    expect(rules.set).toBe(cluster.rules?.set);
    const filesOf = async () =>
      new Set((await healthOf(second)).cluster.servers.map(({ files }) => files)).size;
    await expect.poll(filesOf, SOON).toBe(2);
    expect((await healthOf(first)).rules.error).toBeNull();
    expect(await ours(second)).toEqual(['network/first']);
    expect(await metric(second, 'breakwatch_rules_ok')).toBe('0');
    expect(await metric(first, 'breakwatch_rules_ok')).toBe('1');
    const ready = await fetch(`${second.url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ warnings: [{ code: 'RULES_FILES_DIFFER' }] });
    expect((await second.run('status')).output).toContain('rules publish');
    expect(second.errors.match(/RULES_FILES_DIFFER/g)).toHaveLength(1);
  });

  test('neither a start, nor the lead, nor an edit publishes', async () => {
    const [first, second] = servers;
    await first.kill('SIGKILL');
    await expect.poll(async () => (await healthOf(second)).cluster.leads, SOON).toBe(true);
    folders[1].put('network/second.json', makeRule('network/second'));
    const before = (await healthOf(second)).cluster.rules;
    await expect
      .poll(async () => (await publish(second, {})).body.added, SOON)
      .toEqual(['network/second']);
    expect(await ours(second)).toEqual(['network/first']);
    expect((await healthOf(second)).cluster.rules).toEqual(before);
    await first.start();
    expect((await healthOf(first)).cluster.rules).toMatchObject({ revision: 1 });
  });

  test('the command shows what changes, asks, and publishes to all servers', async () => {
    const [first, second] = servers;
    const shown = await second.run('rules', 'publish', '--dry-run');
    expect(shown.output).toMatch(/added 1: network\/second\n {2}removed 1: network\/first\n/);
    expect(shown.output).toContain('Nothing was changed.');
    expect(await second.run('rules', 'publish')).toMatchObject({ code: 2 });
    const published = await second.run('rules', 'publish', '--yes', '--by', 'Kim');
    expect(published.output).toMatch(/Revision \d+ is in force on all servers\./);
    expect(published.code).toBe(0);
    for (const server of servers) {
      await expect.poll(() => ours(server), SOON).toEqual(['network/second']);
      expect((await healthOf(server)).cluster.rules?.by).toMatch(/^Kim \(/);
    }
    await expect
      .poll(async () => (await healthOf(first)).rules.error?.code, SOON)
      .toBe('RULES_FILES_DIFFER');
    expect((await healthOf(second)).rules.error).toBeNull();
    const again = await second.run('rules', 'publish', '--yes');
    expect(again).toMatchObject({ code: 0 });
    expect(again.output).toContain('Nothing was changed.');
  });

  test('other files than those that were shown, and bad files, are not published', async () => {
    const [, second] = servers;
    expect(await publish(second, { hash: 'of another server' })).toMatchObject({
      status: 409,
      body: { error: { code: 'RULES_FILES_CHANGED' } },
    });
    folders[1].put('network/third.json', '{ "id": ');
    await expect
      .poll(async () => (await publish(second, {})).body.error?.code, SOON)
      .toBe('RULE_FILE_INVALID');
    expect((await healthOf(second)).rules.error?.code).toBe('RULE_FILE_INVALID');
    expect(await ours(second)).toEqual(['network/second']);
    folders[1].put(
      'network/third.json',
      makeRule('network/third', {
        priority: 80,
        tests: [
          { name: 'second wins', given: { errcode: 14 }, expect: 'network/second' },
          { name: 'near miss', given: { errcode: 5 }, expect: 'no-match' },
        ],
      }),
    );
  });

  test('a revision waits for a server of the version before, and comes into force when that is gone', async () => {
    const [first, second] = servers;
    await addOldServer();
    await expect
      .poll(async () => (await publish(second, {})).body.added, SOON)
      .toEqual(['network/third']);
    const waiting = await second.run('rules', 'publish', '--yes', '--wait', '1s');
    expect(waiting.code).toBe(1);
    expect(waiting.output).toContain('old has not looked at it; it is version 0.0.9');
    expect(await ours(first)).toEqual(['network/second']);
    await expect
      .poll(async () => (await healthOf(first)).cluster.errors.map(({ code }) => code), SOON)
      .toContain('RULES_WAIT');
    await made.query(`DELETE FROM servers WHERE name = 'old'`);
    for (const server of servers) {
      await expect.poll(() => ours(server), SOON).toEqual(['network/second', 'network/third']);
    }
    expect((await healthOf(first)).cluster.errors).toEqual([]);
  });

  test('a revision that this version cannot run is not used, and reported', async () => {
    const [, second] = servers;
    const before = await rulesOf(second);
    await made.query(`INSERT INTO rule_revisions (hash, published_by, needs, rules, in_force_at)
      VALUES ('future', 'a newer server', '{"operators":["resembles"],"facts":[],"reasons":[],"params":[]}',
        '{"hash":"future","rules":[]}', clock_timestamp())`);
    for (const server of servers) {
      await expect
        .poll(async () => (await healthOf(server)).cluster.errors.map(({ code }) => code), SOON)
        .toContain('RULES_NEED_NEWER');
    }
    expect(await rulesOf(second)).toEqual(before);
    // Publishing again gets out of it.
    expect((await second.run('rules', 'publish', '--yes')).code).toBe(0);
    await expect.poll(async () => (await healthOf(second)).cluster.errors, SOON).toEqual([]);
  });
});
