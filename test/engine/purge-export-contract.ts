import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRules } from '../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { importLines } from '../../src/engine/collect/import-lines.ts';
import { createEngine, type StartableEngine } from '../../src/engine/create-engine.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { makeAccount } from '../helpers/make-account.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The first day of the story, shortly before its end in the time zones of Asia. */
const DAY_0 = Date.UTC(2026, 2, 30);
const T0 = DAY_0 + 15 * HOUR;

const fileOf = (day: number) =>
  `breakwatch-${new Date(DAY_0 + day * DAY).toISOString().slice(0, 10)}.jsonl.gz`;
const linesOf = (path: string) =>
  gunzipSync(readFileSync(path))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

function infoOf(stream: string, endedAt: number) {
  return {
    DomainName: 'push.example.com',
    AppName: 'live',
    StreamName: stream,
    StreamStartTime: new Date(endedAt - HOUR).toISOString(),
    StreamEndTime: new Date(endedAt).toISOString(),
    StopReason: 'client disconnect',
    ClientIp: `198.51.100.${stream.length}`,
  };
}

/** Tests that a store's data is on disk in files before a purge deletes it. @param openStore - opens the same store again */
export function describePurgeExport(name: string, openStore: () => Promise<Store>): void {
  describe(`the export before a purge, on ${name}`, () => {
    let folder: string;
    let store: Store;
    let engine: StartableEngine;
    let now: number;
    let errors: string[];
    const undo: (() => unknown)[] = [];

    beforeEach(() => {
      folder = join(mkdtempSync(join(tmpdir(), 'breakwatch-purge-export-')), 'old');
      now = T0;
      errors = [];
      undo.push(() => rmSync(join(folder, '..'), { recursive: true, force: true }));
    });
    afterEach(async () => {
      await engine.close();
      for (const one of undo.splice(0).reverse()) {
        await one();
      }
    });

    async function engineOn(opened: Store, keepDays: number, exportFolder?: string) {
      const { ruleSet } = await loadRules([shippedRulesFolder()]);
      return createEngine({
        store: opened,
        rules: ruleSet,
        accounts: [makeAccount()],
        version: '1.2.3',
        keepDays,
        exportFolder,
        onError: ({ code }) => errors.push(code),
        now: () => now,
      });
    }
    async function open(exportFolder = folder): Promise<void> {
      store = await openStore();
      engine = await engineOn(store, 7, exportFolder);
    }
    async function take(stream: string, endedAt: number): Promise<void> {
      const { accepted } = await engine.importRecords('default', [infoOf(stream, endedAt)]);
      expect(accepted).toBe(1);
      await engine.settled();
    }
    /** Moves the clock to a day, with a break that makes it plausible, and purges. */
    async function purgeOn(day: number): Promise<void> {
      now = T0 + day * DAY;
      await take(`day-${day}`, now);
      await engine.purge();
    }
    const range = { from: 0, to: T0 + 100 * DAY };
    async function eventsOf(one: StartableEngine) {
      const { records } = await one.breaks({ range, filters: {}, limit: 1_000 });
      return records.map(({ event: { id, stream, endedAt, facts, sources } }) => ({
        ...{ id, stream, endedAt, facts },
        sources: sources.map(({ source, key, receivedAt }) => ({ source, key, receivedAt })),
      }));
    }
    const streamsOf = async () => (await eventsOf(engine)).map(({ stream }) => stream).sort();
    const files = () => readdirSync(folder).sort();
    /** Three breaks: one of the first day, one of it that is reported two days later, and one of that day. */
    async function tell(): Promise<void> {
      await take('first', T0);
      now = T0 + 2 * DAY;
      await take('late', T0 + HOUR);
      await take('third', now);
    }

    it('has all that is deleted: an import of the files gives the same breaks with their facts', async () => {
      await open();
      await tell();
      const before = await eventsOf(engine);
      await purgeOn(9);
      expect(await streamsOf()).toEqual(['day-9', 'third']);
      // The day between has neither breaks nor messages.
      expect(files()).toEqual([fileOf(0), `${fileOf(0)}.sha256`]);
      const kinds = linesOf(join(folder, fileOf(0))).map(({ kind }) => kind);
      expect(kinds).toEqual(['export', 'entry', 'entry', 'facts', 'facts', 'end']);
      await purgeOn(10);
      expect(await streamsOf()).toEqual(['day-10', 'day-9']);
      expect(files()).toHaveLength(4);
      for (const file of [fileOf(0), fileOf(2)]) {
        const sha256 = createHash('sha256')
          .update(readFileSync(join(folder, file)))
          .digest('hex');
        expect(readFileSync(join(folder, `${file}.sha256`), 'utf8')).toBe(`${sha256}  ${file}\n`);
      }

      const again = await openSqliteStore({ folder: join(folder, '..', 'again') });
      const other = await engineOn(again, 0);
      undo.push(() => other.close());
      for (const file of [fileOf(0), fileOf(2)]) {
        const bytes = gunzipSync(readFileSync(join(folder, file)));
        const counts = await importLines(
          other,
          null,
          (async function* () {
            yield bytes;
          })(),
        );
        expect(counts.errors).toEqual([]);
      }
      await other.settled();
      expect(await eventsOf(other)).toEqual(before);
      expect(errors).toEqual([]);
    });

    it('keeps everything when a file cannot be written, says so, and goes on when it can', async () => {
      const blocked = join(folder, '..', 'blocked');
      writeFileSync(blocked, 'a file where the folder should be');
      await open(blocked);
      await tell();
      await purgeOn(10);
      expect(errors).toEqual(['EXPORT_FAILED']);
      expect(await streamsOf()).toEqual(['day-10', 'first', 'late', 'third']);
      expect((await store.counts()).journal).toBe(4);
      const health = await engine.health();
      expect(health).toMatchObject({ ok: false, retention: { error: { code: 'EXPORT_FAILED' } } });
      rmSync(blocked);
      await engine.purge();
      expect((await engine.health()).retention).toMatchObject({ error: null });
      expect(await streamsOf()).toEqual(['day-10']);
      expect(readdirSync(blocked).filter((file) => file.endsWith('.gz'))).toEqual([
        fileOf(0),
        fileOf(2),
      ]);
    });

    it('goes on after a restart with the day at which it stopped', async () => {
      await open();
      await tell();
      // The third day cannot be written.
      mkdirSync(join(folder, `${fileOf(2)}.part`), { recursive: true });
      await purgeOn(10);
      expect(errors).toEqual(['EXPORT_FAILED']);
      const first = readFileSync(join(folder, fileOf(0)));
      expect(await streamsOf()).toContain('first');
      await engine.close();
      rmSync(join(folder, `${fileOf(2)}.part`), { recursive: true });
      await open();
      await engine.purge();
      expect(files().filter((file) => file.endsWith('.gz'))).toEqual([fileOf(0), fileOf(2)]);
      expect(readFileSync(join(folder, fileOf(0)))).toEqual(first);
      expect(await streamsOf()).toEqual(['day-10']);
    });

    it('writes a file again that was finished right before a crash, and no second one', async () => {
      await open();
      await tell();
      // What the store knows when the process ends between the name of the file and the note that it is written.
      await store.setState('purge-export', {
        ...{ exportedTo: DAY_0, seq: 0, writing: fileOf(0), last: null },
      });
      mkdirSync(folder);
      writeFileSync(join(folder, fileOf(0)), 'as it was');
      await purgeOn(9);
      expect(files()).toEqual([fileOf(0), `${fileOf(0)}.sha256`]);
      expect(linesOf(join(folder, fileOf(0)))).toHaveLength(6);
    });

    it('replaces no file of a day whose breaks came back', async () => {
      await open();
      await tell();
      await purgeOn(9);
      const first = readFileSync(join(folder, fileOf(0)));
      await engine.close();
      store = await openStore();
      engine = await engineOn(store, 20, folder);
      const bytes = gunzipSync(first).toString().trim().split('\n');
      await engine.importRecords(
        null,
        bytes.map((line) => JSON.parse(line)),
      );
      await engine.settled();
      await engine.purge();
      expect(await streamsOf()).toContain('first');
      await engine.close();
      await open();
      await engine.purge();
      expect(await streamsOf()).toEqual(['day-9', 'third']);
      expect(readFileSync(join(folder, fileOf(0)))).toEqual(first);
      const second = fileOf(0).replace('.jsonl', '_2.jsonl');
      const facts = linesOf(join(folder, second)).filter(({ kind }) => kind === 'facts');
      // The other one's report is still in the journal, so it did not come back.
      expect(facts).toHaveLength(1);
    });

    it('keeps everything when the disk is full, and leaves no part of a file there', async ({
      skip,
    }) => {
      mkdirSync(folder);
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', folder], {
          stdio: 'ignore',
        });
      } catch (error) {
        if (process.env.CI) {
          throw error;
        }
        engine = await engineOn(await openStore(), 0);
        return skip('it needs the right to mount a disk');
      }
      undo.push(() => execFileSync('umount', [folder]));
      writeFileSync(join(folder, 'filler'), Buffer.alloc(508 * 1024));
      await open();
      const many = Array.from({ length: 400 }, (_none, i) =>
        infoOf(`shop-${i}-${createHash('sha256').update(String(i)).digest('hex')}`, T0 - i * 1_000),
      );
      await engine.importRecords('default', many);
      await engine.settled();
      await purgeOn(9);
      expect(errors).toEqual(['EXPORT_FAILED']);
      expect((await engine.health()).retention?.error?.message).toContain('ENOSPC');
      expect((await store.counts()).breaks).toBe(401);
      expect(files()).toEqual(['filler']);
      rmSync(join(folder, 'filler'));
      await engine.purge();
      expect((await store.counts()).breaks).toBe(1);
      const end = linesOf(join(folder, fileOf(0))).at(-1);
      expect(end).toMatchObject({ kind: 'end', entries: 400, facts: 400 });
    });
  });
}
