/**
 * Receivers that are down, with the settings of a real installation. During the outage some alerts keep
 * firing, some resolve, some start, and some start and resolve. Reports lost and repeated notices. Run:
 * `npm run -s bench -- outage [--json] [--minutes 5] [--channel alertmanager|webhook]`. Alertmanager is
 * stopped (needs `prometheus-alertmanager`); of three webhooks one answers 500 and one hangs.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { outageOfAlertmanager } from './outage/outage-of-alertmanager.ts';
import { outageOfWebhooks } from './outage/outage-of-webhooks.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    minutes: { type: 'string', default: '5' },
    channel: { type: 'string', default: 'alertmanager' },
  },
});
const outageMs = Number(values.minutes) * 60_000;
const report =
  values.channel === 'webhook'
    ? await outageOfWebhooks(outageMs)
    : await outageOfAlertmanager(outageMs);
if (values.json) {
  console.log(JSON.stringify(report));
} else {
  for (const [name, value] of Object.entries(report)) {
    console.log(`${name.padEnd(24)} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  }
}
