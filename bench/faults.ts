/**
 * Checks that collection loses nothing and counts nothing twice, with a simulated CSS that injects
 * faults: `npm run -s bench -- faults [--json] [--seed 1] [--short]`.
 *
 * A receiver outage of 10 minutes runs ten times faster: CSS retries a callback every 60 s, up to 12
 * times; here every 6 s, and the outage is 60 s. Everything else is real time: clocks, polls, retry
 * loops of encoders, and the start of the server.
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
const twice = sum((one) => one.duplicates.length);
const events = sum((one) => one.events);

if (values.json) {
  const { kills, ...rest } = report;
  console.log(JSON.stringify({ kills, lost, twice, events, ...rest, plan }));
} else {
  console.log('');
  for (const one of report.accounts) {
    const { delivered, dropped, failed } = one.callbacks;
    console.log(
      `refusals by ${one.refusals}: ${one.truth} real ends (${one.refused} refusals), ` +
        `${one.unreported} reported by no source, ${one.events} events (${one.merged} from both sources), ` +
        `lost ${one.lost.length}, counted twice ${one.duplicates.length}; callbacks: ${delivered} delivered, ` +
        `${dropped} dropped, ${failed} failed`,
    );
    for (const name of [...one.lost.slice(0, 5), ...one.duplicates.slice(0, 5)]) {
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
