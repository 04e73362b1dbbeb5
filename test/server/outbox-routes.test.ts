import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createChannels } from '../../src/alerts/channels/create-channels.ts';
import { createDispatcher, type Dispatcher } from '../../src/alerts/outbox/dispatcher.ts';
import { readAlertSettings } from '../../src/cli/config/read-alert-settings.ts';
import { createMetrics } from '../../src/server/create-metrics.ts';
import { makeNotice } from '../alerts/make-notice.ts';
import { accept, type Receiver, refuse, startReceiver } from '../alerts/receiver.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';

let receiver: Receiver;
let temporary: TemporaryStore;
let outbox: Dispatcher;
let server: TestServer;
const metrics = createMetrics('9.9.9');

beforeEach(async () => {
  receiver = await startReceiver();
  temporary = await openTemporaryStore();
  const channels = [
    { name: 'ops', type: 'webhook' as const, url: `${receiver.url}/T0/secretsecret` },
  ];
  outbox = await createDispatcher({
    store: temporary.store,
    channels: createChannels(readAlertSettings({ channels }, (text) => text)),
    hooks: metrics.outboxHooks,
  });
  server = await startTestServer({ outbox, metrics });
});
afterEach(async () => {
  await server.stop();
  await outbox.close();
  await temporary.remove();
  await receiver.close();
});

const get = async (path: string) => (await fetch(`${server.url}${path}`)).json();
const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/api/v1/alerts/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers,
  });

async function giveUpOne(): Promise<string> {
  receiver.behave = refuse(404, 'gone');
  const notice = makeNotice();
  await outbox.accept({ instances: [], notices: [notice] });
  while (outbox.status()[0]?.givenUp !== 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return notice.id;
}

describe('the outbox over HTTP', () => {
  it('lists failed notices without their address, resends and deletes them', async () => {
    const id = await giveUpOne();
    const listed = await get('/api/v1/alerts/outbox');
    expect(listed).toMatchObject({
      channels: [{ channel: 'ops', waiting: 0, givenUp: 1 }],
      notices: [{ id, channel: 'ops', state: 'givenUp', error: { code: 'NOTIFICATION_REFUSED' } }],
    });
    expect(JSON.stringify(listed)).not.toContain('secretsecret');
    const { ready, warnings } = await get('/readyz');
    expect(ready).toBe(true);
    expect(warnings.map(({ code }: { code: string }) => code)).toEqual([
      'NOTIFICATION_REFUSED',
      'NOTICES_GIVEN_UP',
    ]);
    receiver.behave = accept();
    expect(await (await post('outbox/resend', { id })).json()).toEqual({ channels: 1 });
    while (outbox.status()[0]?.lastSentAt === null) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await outbox.idle();
    expect((await post('outbox/drop', { id })).status).toBe(404);
    const text = await metrics.render(server.engine, outbox);
    expect(text).toContain('breakwatch_notices_sent_total{channel="ops",kind="page"} 1');
    expect(text).toContain(
      'breakwatch_notice_failures_total{channel="ops",code="NOTIFICATION_REFUSED"} 1',
    );
    expect(text).toContain('breakwatch_notices_given_up{channel="ops"} 0');
    expect(text).toContain('breakwatch_page_latency_seconds_count{channel="ops"} 1');
  });

  it('rejects requests from pages of other sites', async () => {
    const id = await giveUpOne();
    const answer = await post('outbox/drop', { id }, { origin: 'https://evil.example.com' });
    expect(answer.status).toBe(403);
    expect(outbox.status()[0]?.givenUp).toBe(1);
  });

  it('tests the channels, and lists the known ones', async () => {
    expect(await (await post('test', {})).json()).toEqual({
      tests: [{ channel: 'ops', ok: true, answer: 'HTTP 200: ok' }],
    });
    const wrong = await post('test', { channel: 'chat' });
    expect(wrong.status).toBe(404);
    expect((await wrong.json()).error.message).toContain('known: ops');
  });
});
