/**
 * Three servers on one PostgreSQL, behind a load balancer that picks any of them, in a storm. Servers are killed, stopped, and
 * cut off without a sign (packets are dropped both ways), three quarters of them while they lead, and PostgreSQL is restarted.
 * Counts breaks that were lost or stored twice, notices that were repeated, and how long hand-overs took. Run:
 * `npm run -s bench -- cluster [--json] [--short] [--faults 30] [--seed 1] [--verbose]`. Needs PostgreSQL. Exits with 1 when
 * something was lost, counted twice or repeated too often, or a hand-over took too long.
 *
 * `--rolling --from REVISION` instead upgrades three servers of an earlier revision one after the other, without faults. Exits
 * with 1 when something was lost, counted twice, or refused.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { runCluster } from './cluster/run-cluster.ts';
import { runRolling } from './cluster/run-rolling.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    short: { type: 'boolean', default: false },
    faults: { type: 'string' },
    seed: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    rolling: { type: 'boolean', default: false },
    from: { type: 'string', default: 'HEAD~1' },
  },
});
/** The limit of a hand-over, s; a machine of CI that runs other suites may need longer. */
const MOST_S = 10;
const MOST_S_SHORT = 30;

const seed = Number(values.seed ?? Date.now() % 1_000_000);
function log(line: string): void {
  if (values.verbose) {
    console.error(line);
  }
}
function print(report: object): void {
  if (values.json) {
    console.log(JSON.stringify(report));
    return;
  }
  for (const [name, value] of Object.entries(report)) {
    console.log(`${name.padEnd(22)} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  }
}

async function measureFaults(): Promise<boolean> {
  const report = await runCluster({
    faults: Number(values.faults ?? (values.short ? 3 : 30)),
    restarts: values.short ? 1 : 3,
    perSecond: values.short ? 20 : 40,
    seed,
    log,
  });
  print(report);
  return (
    report.lost === 0 &&
    report.twice === 0 &&
    report.pages_missing === 0 &&
    report.notices_different === 0 &&
    report.notices_repeated_most <= 1 &&
    report.handover_p95_s <= (values.short ? MOST_S_SHORT : MOST_S)
  );
}

async function measureUpgrade(): Promise<boolean> {
  const report = await runRolling({ from: values.from, perSecond: 20, seed, log });
  print(report);
  return report.lost === 0 && report.twice === 0 && report.repeated_by_sender === 0;
}

process.exitCode = (await (values.rolling ? measureUpgrade() : measureFaults())) ? 0 : 1;
