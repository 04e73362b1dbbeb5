import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breakRecord } from '../../helpers/break-record.ts';
import { runBreakwatch, runHosted } from '../../helpers/run-breakwatch.ts';
import { startTestServer, type TestServer } from '../../helpers/running-server.ts';

describe('breakwatch feedback and accuracy', () => {
  let server: TestServer;
  const run = (...words: string[]) => runHosted([...words, '--url', server.url]);
  const runAlone = (...words: string[]) => runBreakwatch([...words, '--url', server.url]);

  beforeAll(async () => {
    server = await startTestServer();
    const now = Date.now();
    await server.temporary.insert(
      ...['b1', 'b2', 'b3'].map((id) => breakRecord(id, { event: { endedAt: now - 60_000 } })),
    );
  });
  afterAll(() => server.stop());

  it('stores feedback and reports it by rule and confidence', async () => {
    const kept = await runAlone('feedback', 'b1', 'right', '--by', 'ann');
    expect(kept.output).toBe('Saved: auth/url-expired (certain) was right for b1.\n');
    await run('feedback', 'b2', 'wrong', '--by', 'ann', '--note', 'it was our firewall');
    const json = JSON.parse((await run('accuracy', '--since', '9999d', '--json')).output);
    expect(json.all).toMatchObject({ right: 1, wrong: 1, unrated: 1, share: 0.5 });
    const { output } = await runAlone('accuracy', '--since', '9999d');
    expect(output).toMatch(/^auth\/url-expired +1 +1 +1 +50\.0 % +9\.\d % - 90\.\d %$/m);
    expect(output).toMatch(/^likely +0 +0 +- +- +-$/m);
  });

  it('reports unknown ids', async () => {
    expect((await run('feedback', 'none', 'right')).errors).toContain('UNKNOWN_BREAK');
    expect((await run('feedback', 'b1', 'maybe')).code).toBe(2);
  });
});
