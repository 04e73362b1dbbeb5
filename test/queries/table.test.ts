import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../src/model/vocabulary.ts';
import { buildTable, type Column } from '../../src/queries/table.ts';

interface Row {
  stream: string;
  severity: string;
  runbook: string;
}

const text = (name: string, cell: (row: Row) => string): Column<Row> => ({
  name,
  type: 'string',
  cell,
});
const COLUMNS: Column<Row>[] = [
  text('stream', ({ stream }) => stream),
  text('account', () => 'shop'),
  text('domain', () => 'push.example.com'),
  text('app', () => 'live'),
  text('severity', ({ severity }) => severity),
  text('code', () => '18/501'),
  text('reason', () => 'expiry_passed'),
  text('runbook', ({ runbook }) => runbook),
  text('id', () => '1'),
];
const ROWS: Row[] = [{ stream: 'a', severity: 'critical', runbook: 'auth-url-expired' }];

const build = (options: object = {}) =>
  buildTable('breaks', COLUMNS, ROWS, { context: undefined, language: 'en', ...options });
const field = (frame: ReturnType<typeof build>, name: string) =>
  frame.fields.find((one) => one.name === name);

describe('buildTable', () => {
  it('has all columns in their order by default', () => {
    expect(build().fields.map(({ name }) => name)).toEqual(COLUMNS.map(({ name }) => name));
    expect(build({ columns: [] }).fields).toHaveLength(COLUMNS.length);
  });

  it('has the wanted columns in the wanted order, and hides those that only links need', () => {
    const { fields } = build({ columns: ['severity', 'stream'] });
    expect(fields.map(({ name }) => name)).toEqual([
      'severity',
      'stream',
      'account',
      'domain',
      'app',
    ]);
    const hidden = fields.filter(({ config }) => config?.custom?.hideFrom !== undefined);
    expect(hidden.map(({ name }) => name)).toEqual(['account', 'domain', 'app']);
    expect(fields[2]?.values).toEqual(['shop']);
  });

  it('names a column that does not exist, without its secrets', () => {
    expect(() => build({ columns: ['sevrity'] })).toThrow(/sevrity.*none of stream, account/);
    expect(() => build({ columns: ['txSecret=0123456789abcdef0123456789abcdef'] })).toThrow(
      expect.not.stringContaining('0123456789abcdef'),
    );
  });

  it('names columns and values in the language of the reader, in the colours of every view', () => {
    const names = LANGUAGES.map(
      (language) => field(build({ language }), 'stream')?.config?.displayName,
    );
    expect(names).toEqual(['Stream', '流', 'ストリーム', '스트림']);
    const zh = field(build({ language: 'zh' }), 'severity')?.config;
    expect(zh?.mappings?.[0]?.options.critical).toEqual({
      index: 0,
      text: '严重',
      color: '#F2495C',
    });
  });

  it('links a stream to its dashboard, in Chinese to the Chinese one', () => {
    const urlOf = (language: string) =>
      field(build({ language }), 'stream')?.config?.links?.[0]?.url;
    expect(urlOf('en')).toMatch(/^\/d\/breakwatch-stream\?var-stream=.*var-domain=/);
    expect(urlOf('zh')).toMatch(/^\/d\/breakwatch-stream-zh\?/);
  });

  it.each([
    ['runbook', '/runbooks/${__value.raw:percentencode}'],
    ['code', '/lookup?code=${__value.raw:percentencode}'],
    ['reason', '/lookup?code=${__value.raw:percentencode}'],
  ])('links a %s when it knows the address of Breakwatch in the browser', (column, path) => {
    expect(field(build(), column)?.config?.links).toBeUndefined();
    const frame = build({ pageUrl: 'https://breakwatch.example.com/' });
    expect(field(frame, column)?.config?.links?.[0]?.url).toBe(
      `https://breakwatch.example.com${path}`,
    );
  });
});
