import { afterEach, expect, it } from 'vitest';
import { accept, type Receiver, refuse, startReceiver } from '../../alerts/receiver.ts';
import { type ServeProcess, startServe } from '../../helpers/serve-process.ts';

let receiver: Receiver;
let served: ServeProcess;
afterEach(async () => {
  await served.remove();
  await receiver.close();
});

const YAML = `
alerts:
  publicUrl: https://bw.example.com
  channels:
    - { name: ops, type: webhook, url: "\${HOOK}", secret: "\${HOOK_KEY}", language: zh }
`;

it('tests the channels without a running server', async () => {
  receiver = await startReceiver();
  served = await startServe(YAML, { HOOK: `${receiver.url}/hook/secretpath`, HOOK_KEY: 'key' });
  const { url } = served;
  await served.kill('SIGTERM');
  const port = new URL(url).port;
  const good = await served.runAlone({ BREAKWATCH_PORT: port }, 'alerts', 'test');
  expect(good).toMatchObject({ code: 0, errors: '' });
  expect(good.output).toContain('ops: ok: HTTP 200: ok\n(No server is running');
  receiver.behave = refuse(404, 'no robot at /hook/secretpath');
  const bad = await served.runAlone({ BREAKWATCH_PORT: port }, 'alerts', 'test', 'ops');
  expect(bad.code).toBe(1);
  expect(bad.output).toContain('FAILED');
  expect(bad.output + bad.errors).not.toContain('secretpath');
  const none = await served.runAlone({ BREAKWATCH_PORT: port }, 'alerts', 'test', 'chat');
  expect(none.errors).toContain('CHANNEL_UNKNOWN');
}, 60_000);

it('pages by webhook about callbacks, also after a kill -9 while the receiver is down', async () => {
  receiver = await startReceiver();
  receiver.behave = refuse(500);
  served = await startServe(YAML, {
    HOOK: `${receiver.url}/hook/secretpath`,
    HOOK_KEY: 'hook-key-0123456789',
  });
  await served.breakAll(12);
  await receiver.got(1);
  await served.kill('SIGKILL');
  const tried = receiver.received.length;
  receiver.behave = accept();
  await served.start();
  await receiver.got(tried + 1);
  const pages = receiver.received.slice(tried);
  expect(pages[0]?.body).toMatchObject({
    type: 'alert.page',
    language: 'zh',
    alert: {
      labels: { alertname: 'BreakwatchIncident', account: 'default', category: 'billing' },
      cause: expect.stringContaining('欠费'),
      doNow: expect.stringContaining('充值'),
      url: expect.stringMatching(/^https:\/\/bw\.example\.com\/\?incident=./),
    },
  });
  expect(pages[0]?.headers['webhook-signature']).toMatch(/^v1,/);
  // One key, whichever process sent it.
  expect(new Set(receiver.received.map(({ body }) => body.dedupKey)).size).toBe(1);
  expect(new Set(receiver.received.map(({ body }) => body.id)).size).toBe(1);

  const outbox = await served.run('alerts', 'outbox');
  expect(outbox.errors).toBe('');
  expect(outbox.output).toMatch(/^ops: 0 waiting, 0 given up, last sent /);
  expect(outbox.output).toContain('warning: Grafana and ops both notify about the same alerts.');
  const list = await served.run('alerts', 'list', '--lang', 'zh');
  expect(list.output).toMatch(
    /^\[critical\] .*\n {2}firing since .*Z \(local .*\)\n {2}incident:inc-/,
  );
  const tested = await served.run('alerts', 'test', 'ops');
  expect(tested).toMatchObject({ code: 0, output: 'ops: ok: HTTP 200: ok\n' });
  expect(served.errors + outbox.output).not.toMatch(/secretpath|hook-key/);
}, 90_000);

it('sends nothing about an import, unless it is asked to', async () => {
  receiver = await startReceiver();
  served = await startServe(YAML, {
    HOOK: `${receiver.url}/hook`,
    HOOK_KEY: 'hook-key-0123456789',
  });
  const at = Date.now() - 120_000;
  const utc = (time: number) => `${new Date(time).toISOString().slice(0, 19)}Z`;
  const record = (stream: string, reason: string) =>
    JSON.stringify({
      DomainName: 'imported.example.com',
      AppName: 'live',
      StreamName: stream,
      StreamStartTime: utc(at),
      StreamEndTime: utc(at),
      StopReason: reason,
      Duration: 0,
    });
  const send = async (body: string, query: string) => {
    const answer = await fetch(`${served.url}/api/v1/import?${query}`, { method: 'POST', body });
    expect(await answer.json()).toMatchObject({ accepted: 1, rejected: 0 });
  };
  const quiet = async () => {
    const answer = await fetch(`${served.url}/api/v1/alerts?state=firing`);
    const { alerts } = (await answer.json()) as { alerts: { mutedBy: string | null }[] };
    return alerts.map(({ mutedBy }) => mutedBy);
  };
  await send(record('quiet', '推流时间戳参数值已过期'), 'notify=false');
  // It fires, so it is judged, and it is muted.
  await expect.poll(quiet, { timeout: 60_000 }).toEqual(['import']);
  await served.kill('SIGKILL');
  await served.start();
  await expect.poll(quiet, { timeout: 60_000 }).toEqual(['import']);
  await send(record('loud', '推流域名被禁用'), 'notify=true');
  await receiver.got(1);
  expect(receiver.received[0]?.body).toMatchObject({
    type: 'alert.page',
    alert: { labels: { category: 'config', scopeValue: 'imported.example.com/live/loud' } },
  });
  // What was imported quietly still has not paged.
  expect(await quiet()).toContain('import');
  expect(receiver.received.map(({ body }) => body.alert.labels.category)).toEqual(['config']);
}, 120_000);
