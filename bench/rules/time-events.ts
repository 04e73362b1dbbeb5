import type { LoadedRule } from '../../src/diagnosis/rule.ts';
import { loadRules } from '../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createDiagnoser, readTestInput } from '../../src/diagnosis/run/index.ts';
import type { Facts } from '../../src/model/facts.ts';
import { setTeamCatalogue } from '../../src/reasons/match-reason.ts';

/** Facts that almost every live break has, so that a rule is compared as in production. */
const USUAL: Facts = {
  account: 'default',
  domain: 'push-1.example.com',
  app: 'live',
  stream: 'shop-17-a',
  clientIp: '203.0.113.9',
  node: '198.51.100.7',
  resolution: '1280x720',
  durationMs: 60_000,
  secondsLive: 60,
  endedAt: 1_795_935_600_000,
  txTimePresent: true,
  txSecretPresent: true,
  secondsPastExpiry: -100,
  secondsPastExpiryAtBreak: -100,
  breaksOfStream10m: 1,
  endsOfStream10m: 1,
  breaksOfClientIp5m: 1,
  breaksOfNode5m: 1,
  breaksOfDomain5m: 1,
  sameReasonOfAccount5m: 1,
  previousReason: 'network',
  previousCategory: 'network',
  secondsSincePreviousBreak: 300,
  apiState: 'ok',
  'directory.team': 'team-3',
  vip: false,
};

const PASSES = 5;
/** One test in this many is an event. */
const STEP = 5;

/**
 * Measures the diagnosis of one event as the server stores it, with the rules of a team on top of the shipped ones.
 * The events are those of the rules' tests, with the usual facts of a live break.
 *
 * @returns processor time in µs, the median of the passes after the first
 */
export async function timeEvents(folder: string): Promise<number> {
  const { ruleSet } = await loadRules([shippedRulesFolder(), folder]);
  const before = setTeamCatalogue(ruleSet.catalogue);
  try {
    const diagnoser = createDiagnoser(ruleSet);
    const events = ruleSet.rules
      .flatMap(({ tests }: LoadedRule) => tests)
      .filter((_test, index) => index % STEP === 0)
      .map(({ given }) => readTestInput(given))
      .map(({ facts, match }) => ({ facts: { ...USUAL, ...facts }, match }));
    const took: number[] = [];
    for (let pass = 0; pass < PASSES; pass += 1) {
      const start = process.cpuUsage();
      for (const { facts, match } of events) {
        await diagnoser.judge(facts, match);
      }
      const { user, system } = process.cpuUsage(start);
      took.push((user + system) / events.length);
    }
    // The first pass compiles what it meets.
    const [, ...warm] = took;
    return warm.sort((a, b) => a - b)[Math.floor(warm.length / 2)] as number;
  } finally {
    setTeamCatalogue(before);
  }
}
