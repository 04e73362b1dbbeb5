/**
 * Proves that collection loses nothing and counts nothing twice, against a simulated CSS that
 * misbehaves: `npm run -s bench -- faults [--json] [--seed 1] [--short]`.
 *
 * A receiver outage of 10 minutes is run ten times faster: CSS tries a callback again every 60 s up
 * to 12 times, here every 6 s up to 12 times, and the outage is 60 s. All else is real time: clocks,
 * polls, retry loops of encoders, and how long the server takes to start.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { FULL, SHORT } from './faults/plans.ts';
import { runFaults } from './faults/run-faults.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
  },
});

const plan = { ...(values.short ? SHORT : FULL), seed: Number(values.seed) };
const report = await runFaults(plan, (line) => {
  if (!values.json) {
    console.log(line);
  }
});
const sum = (pick: (one: (typeof report.accounts)[number]) => number) =>
  report.accounts.reduce((total, one) => total + pick(one), 0);
const lost = sum((one) => one.lost.length);
const twice = sum((one) => one.twice.length);
const events = sum((one) => one.events);

if (values.json) {
  console.log(JSON.stringify({ lost, twice, events, ...report, plan }));
} else {
  console.log('');
  for (const one of report.accounts) {
    const { delivered, dropped, failed } = one.callbacks;
    console.log(
      `refusals by ${one.refusals}: ${one.truth} ends in truth (${one.refused} refusals), ` +
        `${one.untold} told by nobody, ${one.events} events (${one.merged} from both sources), ` +
        `lost ${one.lost.length}, twice ${one.twice.length}; callbacks: ${delivered} delivered, ` +
        `${dropped} dropped, ${failed} failed`,
    );
    for (const name of [...one.lost.slice(0, 5), ...one.twice.slice(0, 5)]) {
      console.log(`  ${one.lost.includes(name) ? 'lost' : 'twice'}: ${name}`);
    }
  }
  console.log(
    `${report.kills} kills and an outage of ${plan.outageMs / 1_000} s; complete ` +
      `${(report.settledAfterMs / 1_000).toFixed(1)} s after the last break; the last server's ` +
      `polls: ${report.polls.ok} ok, ${report.polls.error} failed; roll-ups count ${report.counted}`,
  );
  console.log(`lost ${lost}, counted twice ${twice}, of ${events} events`);
}
process.exitCode = lost + twice === 0 && report.counted === events ? 0 : 1;
