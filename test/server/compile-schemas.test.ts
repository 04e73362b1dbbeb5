import { Ajv } from 'ajv';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { QUERY_TYPES } from '../../src/model/query.ts';
import { parseFilters, parseQueryRequest } from '../../src/queries/parse-request.ts';
import { compileSchemas } from '../../src/server/compile-schemas.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('compileSchemas', () => {
  it('leaves nothing to compile for the first requests', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const compiled = compileSchemas(new AbortController().signal);
    await vi.advanceTimersByTimeAsync(60_000);
    await compiled;
    const compile = vi.spyOn(Ajv.prototype, 'compile');
    parseFilters({ stream: ['room'] });
    parseQueryRequest({
      queries: QUERY_TYPES.map((queryType) => ({
        refId: queryType,
        queryType,
        ...(queryType === 'lookup' && { text: '18' }),
      })),
    });
    expect(compile).not.toHaveBeenCalled();
  });

  it('stops when the server closes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const closing = new AbortController();
    const compile = vi.spyOn(Ajv.prototype, 'compile');
    const compiled = compileSchemas(closing.signal);
    closing.abort();
    await vi.advanceTimersByTimeAsync(60_000);
    await compiled;
    expect(compile).not.toHaveBeenCalled();
  });
});
