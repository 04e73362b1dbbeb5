import { describe, expect, it } from 'vitest';
import type { QueryResponse } from '../../src/model/query.ts';
import { encodeResponse } from '../../src/queries/encode-response.ts';

function encode(response: QueryResponse, maxBytes?: number): { text: string; pieces: number } {
  const iterator = encodeResponse(response, maxBytes);
  const found: Uint8Array[] = [];
  for (;;) {
    const { value, done } = iterator.next();
    found.push(value);
    if (done) {
      return { text: Buffer.concat(found).toString('utf8'), pieces: found.length };
    }
  }
}

const times = Array.from({ length: 10_000 }, (_one, index) => index * 60_000);
const series = (name: string) => ({
  name,
  meta: { type: 'timeseries-multi' as const },
  fields: [
    { name: 'time', type: 'time' as const, values: times },
    {
      name: 'count',
      type: 'number' as const,
      values: times.map((time) => time % 7),
      labels: { name },
    },
  ],
});

describe('encodeResponse', () => {
  it.each<[string, QueryResponse]>([
    ['no results', { results: {} }],
    [
      'no frames and an error',
      { results: { A: { frames: [] }, B: { error: { code: 'X', message: 'm', remedy: '"' } } } },
    ],
    [
      'empty frames',
      {
        results: {
          A: {
            frames: [
              { name: 'n', fields: [] },
              { name: 'm', fields: [{ name: 'f', type: 'string', values: [] }] },
            ],
          },
        },
      },
    ],
    [
      'odd values',
      {
        results: {
          'é"\n': {
            frames: [
              {
                name: 'n',
                fields: [
                  { name: 'f', type: 'json', values: ['断', null, true, { a: [1] }, '\u0001'] },
                ],
              },
            ],
          },
        },
      },
    ],
    [
      'long series with shared times',
      { results: { A: { frames: [series('a'), series('b')] }, B: { frames: [series('c')] } } },
    ],
  ])('encodes %s as JSON.parse reads it', (_name, response) => {
    expect(JSON.parse(encode(response).text)).toEqual(JSON.parse(JSON.stringify(response)));
  });

  it('keeps a refId that is a property of every object', () => {
    const results = Object.fromEntries([['__proto__', { frames: [] }]]);
    expect(encode({ results }).text).toBe('{"results":{"__proto__":{"frames":[]}}}');
  });

  it('has several pieces for a long answer, and refuses the piece that exceeds the size', () => {
    const long = { results: { A: { frames: [series('a'), series('b')] } } };
    const { text, pieces } = encode(long);
    expect(pieces).toBeGreaterThan(1);
    expect(encode(long, text.length).text).toBe(text);
    expect(() => encode(long, text.length - 1)).toThrow(
      expect.objectContaining({ code: 'QUERY_TOO_LARGE' }),
    );
  });
});
