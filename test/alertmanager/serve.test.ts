import { afterEach, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../alerts/receiver.ts';
import { type ServeProcess, startServe } from '../helpers/serve-process.ts';
import { type RunningAlertmanager, startAlertmanager } from './start-alertmanager.ts';

let receiver: Receiver;
let manager: RunningAlertmanager;
let served: ServeProcess;
afterEach(async () => {
  await served.remove();
  await manager.remove();
  await receiver.close();
});

it('pages once through Alertmanager when callbacks report an account in arrears', async () => {
  receiver = await startReceiver();
  manager = await startAlertmanager({ receiver: receiver.url });
  served = await startServe(
    `alerts: { grafanaAlerting: false, channels: [{ name: alertmanager, type: alertmanager, urls: ["${manager.url}"], resendSeconds: 3 }] }`,
    {},
  );
  await served.breakAll(12);
  await receiver.got(1);
  const { body } = receiver.received[0] as Receiver['received'][number];
  expect(body.status).toBe('firing');
  expect(body.alerts).toHaveLength(1);
  expect(body.alerts[0]).toMatchObject({
    labels: { alertname: 'BreakwatchIncident', category: 'billing', severity: 'critical' },
    annotations: {
      cause: expect.stringMatching(/arrears|overdue/),
      do_now: expect.stringMatching(/top up/i),
    },
  });
  // Sent again every three seconds and after a restart, without a second page or a false resolve.
  await served.kill('SIGTERM');
  await served.start();
  await new Promise((resolve) => setTimeout(resolve, 16_000));
  expect(receiver.received).toHaveLength(1);
  expect(served.errors).not.toContain('go out by');
});
