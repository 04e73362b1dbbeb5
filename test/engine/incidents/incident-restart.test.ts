import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { sendCallbacks } from '../../../bench/ingest/send-callbacks.ts';
import { StormSource } from '../../../bench/storm/storm-source.ts';
import type { StoredIncident } from '../../../src/model/incident.ts';

const SERVER = join(import.meta.dirname, '../../../bench/storm/server.ts');
const KEY = 'restartcallbackkey';
const STREAMS = 60;

/** A real server in a process of its own. */
async function startServer(folder: string) {
  const child = fork(SERVER, [folder, KEY]);
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  const notices: { id: string; kind: string }[] = [];
  let answer: (incidents: StoredIncident[]) => void = () => undefined;
  child.on(
    'message',
    (message: { notice?: (typeof notices)[number]; settled?: { incidents: StoredIncident[] } }) => {
      if (message.notice) {
        notices.push(message.notice);
      } else if (message.settled) {
        answer(message.settled.incidents);
      }
    },
  );
  return {
    child,
    url,
    notices,
    incidents: () =>
      new Promise<StoredIncident[]>((resolve) => {
        answer = resolve;
        child.send('settle');
      }),
  };
}

let folder: string | undefined;
let last: ChildProcess | undefined;
afterEach(async () => {
  last?.kill('SIGKILL');
  await rm(folder ?? '', { recursive: true, force: true });
});

it('finds the same incident after kill -9 in the middle of a storm, and never pages twice', async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-restart-'));
  const first = await startServer(folder);
  last = first.child;
  const source = new StormSource(KEY, new URL(first.url).host, STREAMS);
  /** So many are accepted at least, however long that takes. */
  const send = async (url: string, count: number) => {
    for (let left = count; left > 0; ) {
      const seconds = Math.max(0.1, left / 300);
      left -= (await sendCallbacks({ url, source, connections: 8, seconds, rate: 300 })).accepted;
    }
  };
  await send(first.url, STREAMS);
  await send(first.url, 90);
  const [before, ...others] = await first.incidents();
  expect(others).toEqual([]);
  // These are in the journal, and nobody has looked at them when it dies.
  await send(first.url, 60);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const second = await startServer(folder);
  last = second.child;
  await send(second.url, 100);
  const after = (await second.incidents()).filter(({ state }) => state !== 'gone');
  expect(after.map(({ id }) => id)).toEqual([before?.id]);
  expect(after[0]).toMatchObject({
    scope: { kind: 'account', value: 'default' },
    startedAt: before?.startedAt,
    streams: STREAMS,
    breaks: expect.any(Number),
  });
  expect(after[0]?.breaks).toBeGreaterThan((before?.breaks ?? 0) + 100);
  const { id } = after[0] as StoredIncident;
  await expect
    .poll(() => new Set([...first.notices, ...second.notices].map((one) => one.id)), {
      timeout: 90_000,
    })
    .toEqual(new Set([`incident:${id}:page:1`]));
}, 240_000);
