import type { EngineHealth } from '../model/health.ts';

/** Whether a server works, in words. */
interface Check {
  ok: boolean;
  /** What works, or what is wrong and how to correct it. */
  message: string;
  health: EngineHealth;
}

/** How long a check waits for the first poll, ms. */
const FIRST_POLL_MS = 8_000;
const READ_AGAIN_MS = 200;

/**
 * Checks collection, rules and store, for "Save & test" of a data source. Right after a start it waits for the
 * first poll, which shows whether the credentials are valid.
 *
 * @param signal - ends the wait
 * @throws `STORE_*`
 */
export async function checkCollection(
  engine: { health(): Promise<EngineHealth> },
  signal: AbortSignal,
): Promise<Check> {
  const health = await healthAfterPoll(engine, signal);
  const problems = problemsOf(health);
  const ok = problems.length === 0;
  return { ok, message: ok ? summary(health) : problems.join(' '), health };
}

async function healthAfterPoll(
  engine: { health(): Promise<EngineHealth> },
  signal: AbortSignal,
): Promise<EngineHealth> {
  const until = Date.now() + FIRST_POLL_MS;
  for (;;) {
    const health = await engine.health();
    const isWaiting = health.accounts.some(
      ({ state, lastPollAt, error }) => state === 'starting' && lastPollAt === null && !error,
    );
    if (!isWaiting || signal.aborted || Date.now() >= until) {
      return health;
    }
    await new Promise((resolve) => setTimeout(resolve, READ_AGAIN_MS));
  }
}

/** Each problem as sentences with its remedy; empty when there is none. */
function problemsOf(health: EngineHealth): string[] {
  const problems = health.accounts.flatMap(({ account, state, error }) => {
    if (error) {
      return [`Account ${account}: ${error.message} ${error.remedy}`];
    }
    return state === 'blind'
      ? [`Account ${account} is blind: no poll succeeded for a minute. Read the log of Breakwatch.`]
      : [];
  });
  for (const error of [health.rules.error, health.mute?.error, health.retention?.error]) {
    if (error) {
      problems.push(`${error.message} ${error.remedy}`);
    }
  }
  if (!health.ok && problems.length === 0) {
    problems.push('Breakwatch reports a problem. Read its log.');
  }
  return problems;
}

function summary({ version, accounts, rules, store, mute }: EngineHealth): string {
  const counts = [
    count(accounts.length, 'account', 'accounts'),
    count(rules.count, 'rule', 'rules'),
    count(store.breaks, 'break', 'breaks'),
  ];
  const sentences = [`Breakwatch ${version} is ready: ${counts.join(', ')}.`];
  if (accounts.length === 0) {
    sentences.push('No account is configured: give the server credentials or a callback key.');
  }
  const unverified = accounts.filter(({ state }) => state === 'unverified');
  if (unverified.length > 0) {
    const names = unverified.map(({ account }) => account).join(', ');
    sentences.push(
      `Not verified: ${names}. Callbacks alone cannot show that no break was lost; polling can.`,
    );
  }
  if (mute && mute.now.length > 0) {
    sentences.push(
      `Notifications are muted now by: ${mute.now.map(({ name }) => name).join(', ')}.`,
    );
  }
  if (accounts.some(({ state }) => state === 'starting')) {
    sentences.push('The first poll is still running.');
  }
  return sentences.join(' ');
}

function count(number: number, one: string, many: string): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}
