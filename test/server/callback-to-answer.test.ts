import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRemoteService } from '../../src/client/create-remote-service.ts';
import type { ShownBreak } from '../../src/contract/breaks.ts';
import type { BreakEvidence } from '../../src/model/push.ts';
import { type CollectingServer, startCollectingServer } from '../helpers/collecting-server.ts';
import { pushExceptionCallback } from '../helpers/push-exception-callback.ts';
import { CALLBACK_KEY, PUSH_KEY, signedCallback } from '../helpers/signed-callback.ts';

const TOKEN = 'open-sesame-0123456789';

describe('a signed callback, from the request to every answer', () => {
  let collecting: CollectingServer;
  beforeAll(async () => {
    // Each test has an account of its own.
    collecting = await startCollectingServer(['default', 'alike', 'secretive'], {
      pushDomain: '1234.livepush.myqcloud.com',
      token: TOKEN,
    });
  });
  afterAll(() => collecting?.stop());

  const post = (body: object, account = 'default') =>
    fetch(`${collecting.server.url}/callbacks/css/${account}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
  const get = async (path: string) => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    return (await fetch(`${collecting.server.url}${path}`, { headers })).json();
  };

  const expired = () =>
    signedCallback({
      expiresAt: Date.now() - 3_600_000,
      change: { errcode: 18, sub_errcode: 501, push_duration: '0' },
    });

  it('shows push exceptions with the break, and counts other callbacks', async () => {
    const at = Date.now();
    const broken = signedCallback({ at, change: { errcode: 12, push_duration: '600000' } });
    const stream = {
      domain: broken.app,
      path: broken.appname,
      stream_id: broken.stream_id,
    };
    const notified = pushExceptionCallback(at - 60_000, stream);
    // A file that was recorded and a picture that was taken tell nothing of the push.
    const { t, sign } = notified;
    for (const body of [
      notified,
      notified,
      broken,
      { event_type: 100, t, sign },
      { event_type: 200, t, sign },
    ]) {
      expect((await post(body)).status).toBe(200);
    }
    const refused = pushExceptionCallback(at - 60_000, { sign: '0'.repeat(32) });
    expect((await post(refused)).status).toBe(401);
    await collecting.engine.idle();

    const { breaks } = (await get('/api/v1/breaks?account=default')) as { breaks: ShownBreak[] };
    expect(breaks).toHaveLength(1);
    const evidence = (await get(
      `/api/v1/breaks/${breaks[0]?.id}/evidence?lang=zh`,
    )) as BreakEvidence;
    expect(evidence.exceptions).toMatchObject([
      { at: at - 61_000, type: 6, text: '两帧视频帧到达时间太长（大于 3000 ms）', count: 2 },
    ]);
    expect(evidence.problems.map(({ code }) => code)).toEqual(['EVIDENCE_NO_KEY']);
    const metrics = await fetch(`${collecting.server.url}/metrics`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const text = await metrics.text();
    for (const [type, count] of Object.entries({
      interruption: 1,
      push_exception: 2,
      recording: 1,
      screenshot: 1,
    })) {
      expect(text).toContain(
        `breakwatch_callback_types_total{account="default",type="${type}"} ${count}\n`,
      );
    }
  });

  it('answers 404 for the evidence of an unknown break', async () => {
    expect(await get('/api/v1/breaks/nobody/evidence')).toMatchObject({
      error: { code: 'UNKNOWN_BREAK' },
    });
  });

  it('has the same diagnosis in the breaks API, a remote query and the event stream', async () => {
    const stream = await fetch(`${collecting.server.url}/api/v1/stream`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    expect(await (await post(expired(), 'alike')).json()).toEqual({ code: 0 });
    expect((await post(expired(), 'alike')).status).toBe(200);
    await collecting.engine.idle();

    const { breaks } = (await get('/api/v1/breaks?account=alike')) as { breaks: ShownBreak[] };
    expect(breaks).toHaveLength(1);
    const [shown] = breaks as [ShownBreak];
    expect(shown).toMatchObject({ stream: '1234_15919131751', account: 'alike' });
    expect(shown.diagnosis).toMatchObject({ category: 'auth', reason: 'expiry_passed' });
    expect(shown.diagnosis.fix.length).toBeGreaterThan(0);

    const remote = createRemoteService({ url: collecting.server.url, token: TOKEN });
    const to = Date.now() + 60_000;
    const { results } = await remote.query({
      from: to - 3_600_000,
      to,
      queries: [{ refId: 'A', queryType: 'breaks', filters: { account: ['alike'] } }],
    });
    const answer = results.A;
    const [frame] = answer && 'frames' in answer ? answer.frames : [];
    const row = Object.fromEntries(
      (frame?.fields ?? []).map((field) => [field.name, field.values[0]]),
    );
    const { rule, category, severity, side, cause, retry, confidence } = shown.diagnosis;
    expect(row).toMatchObject({ rule, category, severity, side, cause, retry, confidence });
    expect(row.id).toBe(shown.id);
    for (const step of shown.diagnosis.fix) {
      expect(row.fix).toContain(step);
    }

    let live = '';
    while (!live.includes(shown.id)) {
      live += new TextDecoder().decode((await reader.read()).value);
    }
    expect(live).toContain(JSON.stringify(shown.diagnosis.cause));
    await reader.cancel();
  });

  it('leaves no secret in answers, metrics, logs and files', async () => {
    const body = expired();
    const txSecret = /txSecret=([0-9a-f]+)/.exec(String(body.stream_param))?.[1] as string;
    for (const change of [{}, { sign: `${body.sign}0` }, { event_type: 7 }, { app: 5 }]) {
      await post({ ...body, ...change }, 'secretive');
    }
    await collecting.engine.idle();
    const files = await readdir(collecting.folder, { recursive: true, withFileTypes: true });
    const everywhere = [
      JSON.stringify(await get('/api/v1/breaks')),
      JSON.stringify(await get('/api/v1/health')),
      collecting.log.join('\n'),
      ...(await Promise.all(
        files
          .filter((file) => file.isFile())
          .map((file) => readFile(join(file.parentPath, file.name), 'latin1')),
      )),
    ].join('\n');
    expect(everywhere).toContain('1234_15919131751');
    for (const secret of [txSecret, String(body.sign), CALLBACK_KEY, PUSH_KEY, TOKEN]) {
      expect(everywhere).not.toContain(secret);
    }
  });
});
