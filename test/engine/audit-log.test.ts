import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuditEntry, openAuditLog } from '../../src/engine/audit-log.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-audit-'));
  file = join(folder, 'deep', 'audit.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function entry(id: string): AuditEntry {
  return {
    at: 1,
    id,
    phase: 'ordered',
    via: 'cli',
    by: 'li',
    account: 'a',
    action: 'drop',
    domain: 'd',
    app: 'live',
    stream: 's',
    resumeAt: null,
    reason: null,
  };
}

describe('the audit log', () => {
  it('keeps every line of several writers, and only its owner can read it', async () => {
    const logs = [openAuditLog(file), openAuditLog(file)];
    expect(await openAuditLog(file).latest(10)).toEqual([]);
    const ids = Array.from({ length: 60 }, (_none, index) => String(index));
    await Promise.all(ids.map((id, index) => logs[index % 2]?.append(entry(id))));
    const found = await openAuditLog(file).latest(1_000);
    expect(found.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('continues after a line that a crash cut off', async () => {
    const log = openAuditLog(file);
    await log.append(entry('1'));
    appendFileSync(file, '{"at": 2, "id": "cut');
    await log.append(entry('3'));
    expect((await log.latest(10)).map(({ id }) => id)).toEqual(['3', '1']);
    expect((await log.latest(1)).map(({ id }) => id)).toEqual(['3']);
  });

  it('reads the end of a long log', async () => {
    const log = openAuditLog(file);
    await log.append(entry('first'));
    writeFileSync(file, `${JSON.stringify(entry('x'))}\n`.repeat(20_000), { flag: 'a' });
    await log.append(entry('last'));
    const found = await log.latest(3);
    expect(found.map(({ id }) => id)).toEqual(['last', 'x', 'x']);
    expect((await log.latest(100_000)).length).toBeGreaterThan(2_000);
  });
});
