import { afterEach, describe, expect, it, vi } from 'vitest';
import { log, reportError } from '../../../src/cli/output/log.ts';
import { maskedError } from '../../../src/secrets/masked-error.ts';

const written: string[] = [];
const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
  written.push(String(text));
  return true;
});
afterEach(() => {
  written.length = 0;
  write.mockClear();
});

/** What anybody can put into the address of a callback: a second line, colors, another reading direction. */
const HOSTILE = 'shop\n2026-01-01T00:00:00.000Z info all is well\r\u001b[31m\u202e\u009b2J';

describe('log', () => {
  it('writes one line without control characters, whatever a request contains', () => {
    log('warn', maskedError('UNKNOWN_ACCOUNT', { account: HOSTILE }).message);
    const [line = ''] = written;
    expect(line).toMatch(/^\S+Z warn No account is named shop 2026-01-01/);
    expect(line).toContain('\\r\\u001B[31m\\u202E\\u009B2J');
    expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(line.endsWith('\n')).toBe(true);
  });
});

describe('reportError', () => {
  it('keeps lines and escapes what a terminal would obey', () => {
    reportError(maskedError('UNKNOWN_ACCOUNT', { account: HOSTILE }));
    const [text = ''] = written;
    expect(text).toContain('shop\n2026-01-01');
    expect(text).toContain('\\u001B[31m');
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
