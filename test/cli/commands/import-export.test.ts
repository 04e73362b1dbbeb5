import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BREAK_CSV_HEADER, CSV_RETURNS } from '../../../src/cli/output/break-csv.ts';
import { runBreakwatch, runHosted } from '../../helpers/run-breakwatch.ts';
import { type ServeProcess, startServe } from '../../helpers/serve-process.ts';
import { signedCallback } from '../../helpers/signed-callback.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const NOW = Date.now();
const iso = (at: number) =>
  new Date(Math.floor(at / 1000) * 1000).toISOString().replace('.000Z', 'Z');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-import-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command on a data folder that no server owns. */
function run(args: string[], input = '', start = runHosted) {
  return start(args, { input, environment: { BREAKWATCH_DATA: join(folder, 'data') } });
}

function apiRecord(index: number, reason = '推流链路网络异常'): Record<string, unknown> {
  const endedAt = NOW - 3_600_000 - index * 60_000;
  return {
    AppName: 'live',
    DomainName: 'push.example.com',
    StreamName: `shop-${index}`,
    StreamStartTime: iso(endedAt - 9_000),
    StreamEndTime: iso(endedAt),
    StopReason: reason,
    Duration: 9,
    ClientIp: '203.0.113.9',
  };
}

async function exported(...args: string[]) {
  const { output, errors, code } = await run(['export', '--format', 'breaks', ...args]);
  expect(`${code} ${errors}`).toMatch(/^0 (?:\d+ breaks\n)*$/);
  return output
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe('breakwatch import and export', () => {
  it('accept records and callbacks, count nothing twice, and name rejected lines', async () => {
    const secret = signedCallback({ at: NOW - 60_000, change: { errcode: 13, sequence: '42' } });
    const file = join(folder, 'events.jsonl');
    const lines = [
      JSON.stringify(apiRecord(1)),
      '{"StreamName": "s", "txSecret": "0123456789abcdef',
      JSON.stringify(secret),
      '',
      JSON.stringify({ StreamName: 's', StreamEndTime: '2026-03-14 20:00:00' }),
      JSON.stringify({ ...apiRecord(2), StreamEndTime: iso(NOW + 40 * 3_600_000) }),
      JSON.stringify(apiRecord(3, '推流时间戳参数值已过期')),
      JSON.stringify({ ...apiRecord(4), Duration: 'long' }),
    ];
    writeFileSync(file, `\uFEFF${lines.join('\r\n')}`);
    const first = await run(['import', file, '--json'], '', runBreakwatch);
    expect(first.code).toBe(1);
    expect(JSON.parse(first.output)).toMatchObject({
      account: null,
      lines: 7,
      accepted: 3,
      duplicates: 0,
      rejected: 4,
    });
    const named = first.errors.split('\n').filter((line) => line.startsWith('line'));
    expect(named.map((line) => line.split(':', 2).join(':')).sort()).toEqual([
      'line 2: BAD_JSON',
      'line 5: BAD_EVENT',
      'line 6: EVENT_IN_FUTURE',
      'line 8: BAD_EVENT',
    ]);
    expect(first.errors).not.toContain('0123456789abcdef');
    const again = await run(['import', file, '--json']);
    expect(JSON.parse(again.output)).toMatchObject({ accepted: 0, duplicates: 3, rejected: 4 });

    const breaks = await exported();
    expect(breaks.map(({ stream, diagnosis }) => [stream, diagnosis.category])).toEqual([
      [secret.stream_id, 'network'],
      ['shop-1', 'network'],
      ['shop-3', 'auth'],
    ]);
    expect(JSON.stringify(breaks)).not.toContain(String(secret.sign));
    expect(await exported('--filter', 'category=auth', '--to', iso(NOW))).toHaveLength(1);
    expect(await exported('--from', iso(NOW - 1_800_000))).toHaveLength(1);
  });

  it('read compressed files, several in one, and name a file that was cut', async () => {
    const [first = '', second = ''] = [1, 2].map(
      (index) => `${JSON.stringify(apiRecord(index))}\n`,
    );
    const file = join(folder, 'old.jsonl.gz');
    const whole = Buffer.concat([gzipSync(first), gzipSync(second)]);
    writeFileSync(file, whole);
    const { code, output } = await run(['import', file, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ lines: 2, accepted: 2, rejected: 0 });
    writeFileSync(file, whole.subarray(0, -9));
    const cut = await run(['import', file, '--json']);
    expect(cut.code).toBe(1);
    expect(cut.errors).toContain('FILE_UNREADABLE');
    writeFileSync(file, '\x1f');
    expect((await run(['import', file])).errors).toContain('CSV_COLUMNS');
    writeFileSync(file, '');
    expect(JSON.parse((await run(['import', file, '--json'])).output)).toMatchObject({ lines: 0 });
  });

  it('read the CSV of the console, and write CSV that gives the same events again', async () => {
    const file = join(folder, 'console.csv');
    const beijing = (at: number) =>
      iso(at + 8 * 3_600_000)
        .replace('T', ' ')
        .replace('Z', '');
    const rows = [1, 2].map((index) => {
      const { StreamName, StreamStartTime, StreamEndTime } = apiRecord(index);
      const [start, end] = [StreamStartTime, StreamEndTime].map((time) =>
        beijing(Date.parse(time as string)),
      );
      return `push.example.com,live,${StreamName},${start},${end},"推流链路网络异常",9,203.0.113.9`;
    });
    writeFileSync(
      file,
      [
        '推流域名,路径,流名称,推流开始时间,推流结束时间,断流原因,推流时长,客户端IP',
        ...rows,
        'x,y',
      ].join('\n'),
    );
    const rejects = join(folder, 'rejects.jsonl');
    const { code, output } = await run(['import', file, '--rejects', rejects, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(output)).toMatchObject({ accepted: 2, rejected: 1 });
    expect(JSON.parse(readFileSync(rejects, 'utf8'))).toMatchObject({
      line: 4,
      error: { code: 'BAD_EVENT' },
    });
    // The same as the API tells them: no second count.
    const api = [1, 2].map((index) => JSON.stringify(apiRecord(index))).join('\n');
    const known = await run(['import', '-', '--json'], api);
    expect(JSON.parse(known.output)).toMatchObject({ accepted: 0, duplicates: 2 });

    const csv = await run(['export', '--format', 'csv', '--lang', 'zh']);
    expect(csv.output.split('\r\n')).toHaveLength(4);
    expect(csv.output).toMatch(/\p{Script=Han}/u);
    const back = await run(['import', '-', '--json'], csv.output);
    expect(JSON.parse(back.output)).toMatchObject({ accepted: 0, duplicates: 2, rejected: 0 });
  });

  it('say which columns of a CSV they read, and which one is missing', async () => {
    await run(['import', '-'], JSON.stringify(apiRecord(1)));
    const csv = await run(['export', '--format', 'csv']);
    const back = await run(['import', '-'], csv.output);
    expect(back.code).toBe(0);
    const [ignored] = back.errors.split('\n');
    expect(ignored).toBe(
      'Columns that are not imported: recoveredAt, account, title, team, outcome, category, severity, side, cause_text, fix, retry, confidence, reason_id, node, rule, runbook, id.',
    );
    const help = await run(['export', '--help']);
    expect(help.output).toContain(`csv: an import reads ${CSV_RETURNS.join(', ')}.`);
    const names = BREAK_CSV_HEADER.trim().split(',');
    const read = names.filter((name) => !ignored?.includes(` ${name.replace(/^\uFEFF/, '')}`));
    expect(read.map((name) => name.replace(/^\uFEFF/, '')).sort()).toEqual([...CSV_RETURNS].sort());
    const wrong = await run(
      ['import', '-', '--format', 'csv'],
      '\nstream,when\ns,2026-03-14 20:00:00\n',
    );
    expect(wrong.code).toBe(1);
    expect(wrong.errors).toContain(
      'CSV_COLUMNS: Line 2 of the CSV has no column for the end time of the push. Its columns are: stream, when.',
    );
  });

  it('read an answer with its HTTP header, and name a table for people', async () => {
    const answer = JSON.stringify({ Response: { EventList: [apiRecord(1)], RequestId: 'x' } });
    const withHeader = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${answer}\n`;
    const taken = await run(['import', '-'], withHeader);
    expect(`${taken.code} ${taken.output}${taken.errors}`).toMatch(/^0 .*1 new/s);
    const table = await run(['import', '-'], '+------+\n|DescribeLiveStreamEventList|\n');
    expect(table.code).not.toBe(0);
    expect(table.errors).toContain('print JSON instead (tccli … --output json)');
  });

  it('carry the journal from one data folder to another', async () => {
    const secret = signedCallback({ at: NOW - 60_000, change: { errcode: 13, sequence: '42' } });
    const begin = { ...secret, event_type: 1, event_time: Number(secret.event_time) + 20 };
    const lines = [secret, begin, apiRecord(1), apiRecord(2, '推流时间戳参数值已过期')];
    await run(['import', '-'], lines.map((line) => JSON.stringify(line)).join('\n'));
    const before = await exported();
    expect(before).toHaveLength(3);
    const { output } = await run(['export']);
    expect(output).not.toContain(String(secret.sign));
    const other = { input: output, environment: { BREAKWATCH_DATA: join(folder, 'other') } };
    const { code, output: counts } = await runHosted(['import', '-', '--json', '--notify'], other);
    expect(code).toBe(0);
    expect(JSON.parse(counts)).toMatchObject({ accepted: 4, rejected: 0, lines: 4 });
    const after = await runHosted(['export', '--format', 'breaks'], { ...other, input: '' });
    const loud = before.map((shown) => ({
      ...shown,
      sources: shown.sources.map(({ quiet: _quiet, ...source }: { quiet?: true }) => source),
    }));
    expect(
      after.output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(loud);
    const wrong = await run(['export', '--filter', 'category=auth']);
    expect(wrong.errors).toContain('--filter category needs --format breaks or csv');
  });

  it('name a missing file and report wrong usage', async () => {
    const gone = await run(['import', join(folder, 'gone')]);
    expect(gone.errors).toContain('FILE_UNREADABLE');
    expect((await run(['import'])).code).toBe(2);
    expect((await run(['import', 'x', '--timezone', 'Beijing'])).code).toBe(2);
  });

  it('ends quietly when the reader closes the pipe', async () => {
    const lines = Array.from({ length: 1_100 }, (_none, index) => JSON.stringify(apiRecord(index)));
    await run(['import', '-'], lines.join('\n'));
    const child = spawn(process.execPath, [MAIN, 'export'], {
      cwd: folder,
      env: { PATH: process.env.PATH, BREAKWATCH_DATA: join(folder, 'data') },
    });
    child.stdout.once('data', () => child.stdout.destroy());
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(errors).toBe('');
  });
});

describe('breakwatch import and export beside a server', () => {
  let served: ServeProcess;
  beforeAll(async () => {
    served = await startServe('', { BREAKWATCH_TOKEN: 'token' });
  });
  afterAll(() => served.remove());

  function beside(args: string[], input = '', more: NodeJS.ProcessEnv = {}) {
    const environment = {
      BREAKWATCH_PORT: new URL(served.url).port,
      BREAKWATCH_TOKEN: 'token',
      ...more,
    };
    return runHosted(args, { cwd: served.folder, input, environment });
  }

  it('use the server that owns the data folder', async () => {
    const lines = [...Array.from({ length: 1_200 }, (_none, index) => apiRecord(index)), { no: 1 }]
      .map((record) => JSON.stringify(record))
      .join('\n');
    const { output, errors, code } = await beside(['import', '-', '--json'], lines);
    expect(JSON.parse(output)).toMatchObject({ where: served.url, accepted: 1_200, rejected: 1 });
    expect(errors).toContain('line 1201: BAD_EVENT');
    expect(code).toBe(1);
    const { output: all } = await beside(['export', '--format', 'breaks']);
    expect(all.trim().split('\n')).toHaveLength(1_200);
    const journal = await beside(['export', '--filter', 'stream=shop-1*']);
    const exportedLines = journal.output.trim().split('\n');
    expect(JSON.parse(exportedLines.at(-1) as string)).toMatchObject({ kind: 'end', entries: 311 });
    const again = await beside(['import', '-', '--json'], journal.output);
    expect(JSON.parse(again.output)).toMatchObject({ lines: 311, duplicates: 311, rejected: 0 });
    const wrong = await beside(['import', '-', '--account', 'other'], lines);
    expect(wrong.errors).toContain('UNKNOWN_ACCOUNT');
    const refused = await beside(['import', '-'], lines, { BREAKWATCH_TOKEN: 'no' });
    expect(refused.errors).toMatch(/TOKEN_REQUIRED: [^.]*\.\n.*the BREAKWATCH_TOKEN/);
  });

  it('also use the configured server when the data folder is empty', async () => {
    const empty = join(served.folder, 'empty');
    const { code, output } = await beside(['export', '--format', 'breaks'], '', {
      BREAKWATCH_DATA: empty,
    });
    expect(code).toBe(0);
    expect(output.trim().split('\n')).toHaveLength(1_200);
    const none = await beside(['export'], '', { BREAKWATCH_DATA: empty, BREAKWATCH_PORT: '1' });
    expect(none.code).toBe(1);
    expect(none.errors).toContain('DATA_FOLDER_EMPTY');
    expect(existsSync(empty)).toBe(false);
  });

  it('name the owner of the folder when no server answers', async () => {
    const owned = await beside(['export'], '', { BREAKWATCH_PORT: '1' });
    expect(owned.code).toBe(1);
    expect(owned.errors).toContain('DATA_FOLDER_OWNED');
  });
});
