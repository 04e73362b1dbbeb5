import { describe, expect, test } from 'vitest';
import { formatLogLine } from '../../../src/grafana/backend/log.ts';
import { rememberSecret } from '../../../src/grafana/backend/redact.ts';

const AT = new Date('2026-01-02T03:04:05.678Z');
const parse = (line: string) => JSON.parse(line) as Record<string, unknown>;

describe('a line of the log', () => {
  test('is one JSON object with the three keys as go-plugin reads them', () => {
    const line = formatLogLine('warn', 'two\nlines', { account: 'default', count: 5 }, AT);
    expect(line.endsWith('\n')).toBe(true);
    expect(line.trimEnd()).not.toContain('\n');
    expect(parse(line)).toEqual({
      '@level': 'warn',
      '@message': 'two\nlines',
      '@timestamp': '2026-01-02T03:04:05.678000Z',
      account: 'default',
      count: '5',
    });
  });

  test('has texts only, and fields can not replace the three keys', () => {
    const odd = formatLogLine(
      'loud' as 'info',
      5 as unknown as string,
      { '@level': 7, '@message': {}, none: undefined, object: { a: 1 }, error: new Error('no') },
      AT,
    );
    const line = parse(odd);
    expect(line).toMatchObject({ '@level': 'info', '@message': '5', object: '{"a":1}' });
    expect(line.error).toMatch(/^Error: no\n/);
    expect(Object.values(line).every((value) => typeof value === 'string')).toBe(true);
  });

  test('stays far below the 64 KiB at which go-plugin cuts lines', () => {
    const long = 'x'.repeat(100_000);
    const fields = Object.fromEntries(Array.from({ length: 50 }, (_none, i) => [`f${i}`, long]));
    expect(Buffer.byteLength(formatLogLine('info', long, fields))).toBeLessThan(60_000);
  });

  test('holds no secret: by name, by look, or because it was seen in settings', () => {
    rememberSecret('hunter2-hunter2');
    const line = formatLogLine('error', 'failed with hunter2-hunter2', {
      secretKey: 'AKIDabcdef',
      authorization: 'Bearer abcdef',
      url: 'rtmp://h/live/s?txSecret=0123456789abcdef&txTime=5F',
      note: 'header Authorization: Bearer zyxwvut and hunter2-hunter2',
      error: new Error('sign: "deadbeef"'),
    });
    for (const secret of ['hunter2', 'AKIDabcdef', 'abcdef', 'zyxwvut', 'deadbeef']) {
      expect(line).not.toContain(secret);
    }
    expect(line).toContain('txTime=5F');
  });
});
