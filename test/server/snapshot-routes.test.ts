import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { valueAt } from '../../src/model/facts.ts';
import { BlockFile } from '../../src/store/columns/block-file.ts';
import { type BlockHistory, openBlockHistory } from '../../src/store/columns/open-block-history.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { breakRecord, NOON } from '../helpers/break-record.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';

let folder: string;
let store: Store;
let snapshots: BlockHistory;
let server: TestServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-snapshots-'));
  store = await openSqliteStore({ folder });
  snapshots = openBlockHistory(folder);
  server = await startTestServer({ snapshots, token: 'secret' });
});
afterEach(async () => {
  await server.stop();
  snapshots.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function get(path: string): Promise<Response> {
  return fetch(`${server.url}/api/v1/snapshots${path}`, {
    headers: { authorization: 'Bearer secret' },
  });
}

const keep = (...ids: string[]) =>
  store.commit({
    breaks: ids.map((id) => breakRecord(id)),
    removed: [],
    pushes: [],
    cursor: 0,
  });

describe('snapshot routes', () => {
  it('return current blocks, and breaks by place', async () => {
    expect(await (await get('')).json()).toEqual({ blocks: [] });
    for (const ids of [['a'], ['a', 'b', 'c']]) {
      await keep(...ids);
      expect(await (await get('')).json()).toEqual({ blocks: [0] });
      const answer = await get('/0');
      expect(answer.headers.get('content-type')).toBe('application/octet-stream');
      const block = new BlockFile(new Uint8Array(await answer.arrayBuffer()));
      expect(block.events).toBe(ids.length);
      const reason = block.fact('reason');
      expect(reason && valueAt(reason, 0)).toBe('expiry_passed');
      const places = [...block.places()];
      const { breaks } = await (await get(`/breaks?places=${places.join(',')}`)).json();
      expect(breaks).toMatchObject(
        ids.map((id, index) => ({
          id,
          place: places[index],
          endedAt: NOON,
          stream: 'push.shop.example/live/shop-17',
        })),
      );
    }
  });

  it('reject invalid blocks and places, and requests without a token', async () => {
    await keep('a');
    for (const path of ['/1', '/-1', '/x', '/..%2f..%2fowner.pid', '/1e3']) {
      expect((await get(path)).status).toBe(404);
    }
    for (const places of ['', 'x', '1,', '1;2', '-1', Array(1_001).fill(1).join(',')]) {
      expect((await get(`/breaks?places=${places}`)).status).toBe(400);
    }
    expect((await get('?x=1')).status).toBe(400);
    expect((await get('/breaks?places=99')).status).toBe(200);
    expect((await fetch(`${server.url}/api/v1/snapshots`)).status).toBe(401);
  });
});
