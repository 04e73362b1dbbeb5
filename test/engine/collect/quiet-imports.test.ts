import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createEngine, type StartableEngine } from '../../../src/engine/create-engine.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { CALLBACK_KEY, signedCallback } from '../../helpers/signed-callback.ts';

let folder: string;
let engine: StartableEngine;

async function start(): Promise<void> {
  engine = await createEngine({
    store: await openSqliteStore({ folder }),
    rules: (await loadRules([shippedRulesFolder()])).ruleSet,
    accounts: [
      {
        name: 'default',
        site: 'cn',
        callbackKeys: [CALLBACK_KEY],
        pushKeys: [],
        backfillMs: 0,
        pollSeconds: 60,
      },
    ],
    answersWaitMs: 60_000,
    version: '1.2.3',
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-quiet-'));
  await start();
});
afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

async function sources() {
  await engine.settled();
  const range = { from: 0, to: Date.now() + 60_000 };
  const { records } = await engine.breaks({ range, filters: {}, limit: 10 });
  return records.map(({ event }) => event.sources.map(({ quiet }) => quiet ?? false));
}

it('lets a break notify that was imported quietly and is then collected', async () => {
  const body = signedCallback({ at: Date.now() - 60_000, change: { errcode: 14, sequence: '5' } });
  await engine.importRecords(null, [body]);
  expect(await sources()).toEqual([[true]]);
  await engine.close();
  await start();
  // The journal has it already.
  expect(await engine.acceptCallback('default', body)).toMatchObject({ duplicate: true });
  await expect.poll(sources, { timeout: 60_000 }).toEqual([[false]]);
});

it('lets it notify when another source reports the break', async () => {
  const at = Math.floor(Date.now() / 1_000) * 1_000 - 60_000;
  const body = signedCallback({ at, change: { errcode: 13, sequence: '5' } });
  await engine.importRecords('default', [
    {
      DomainName: body.app,
      AppName: body.appname,
      StreamName: body.stream_id,
      StreamEndTime: `${new Date(at).toISOString().slice(0, 19)}Z`,
      StopReason: '推流链路网络异常',
    },
  ]);
  expect(await sources()).toEqual([[true]]);
  await engine.acceptCallback('default', body);
  await expect.poll(sources, { timeout: 60_000 }).toEqual([[true, false]]);
});
