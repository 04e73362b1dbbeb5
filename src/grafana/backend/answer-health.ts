import { create } from '@bufbuild/protobuf';
import type { EngineHealth } from '../../model/health.ts';
import type { QueryService } from '../../model/query.ts';
import {
  type CheckHealthRequest,
  type CheckHealthResponse,
  CheckHealthResponseSchema,
  CheckHealthResponse_HealthStatus as HealthStatus,
} from './gen/pluginv2_pb.js';
import { errorText, grafanaErrorOfThrown } from './grafana-error.ts';
import type { Instance, Instances } from './Instances.ts';
import { modeOf, type Settings } from './read-settings.ts';

/** How long "Save & test" waits for the first poll, in ms. */
const FIRST_POLL_MS = 8_000;
const LOOK_AGAIN_MS = 200;

/** Reads health, at first until a poll has told whether the credentials are right. */
async function healthAfterPoll(service: QueryService, signal: AbortSignal): Promise<EngineHealth> {
  const until = Date.now() + FIRST_POLL_MS;
  for (;;) {
    const health = await service.health();
    const waits = health.accounts.some(
      (account) => account.state === 'starting' && account.lastPollAt === null && !account.error,
    );
    if (!waits || signal.aborted || Date.now() >= until) {
      return health;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

function count(number: number, one: string, many: string): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}

/** What is wrong, each as a sentence with what to do; empty when all is well. */
function problemsOf(health: EngineHealth, mode: Settings['mode']): string[] {
  const problems = health.accounts.flatMap(({ account, state, error }) => {
    if (error) {
      return [`Account ${account}: ${errorText(error, mode)}`];
    }
    return state === 'blind'
      ? [
          `Account ${account} is blind: no poll has succeeded for a minute. Look at the log of ` +
            `${mode === 'embedded' ? 'Grafana' : 'the Breakwatch server'}.`,
        ]
      : [];
  });
  if (health.rules.error) {
    problems.push(errorText(health.rules.error, mode));
  }
  if (health.mute?.error) {
    problems.push(errorText(health.mute.error, mode));
  }
  if (!health.ok && problems.length === 0) {
    problems.push('The Breakwatch server says that it is not well. Look at its log.');
  }
  return problems;
}

function sleepNote(slept: NonNullable<Instance['slept']>): string {
  const [from, to] = [slept.from, slept.to].map((time) => new Date(time).toISOString());
  return (
    `No panel or alert rule asked for 15 minutes, so polling was off from ${from} to ${to}. ` +
    'Breaks of that time are being fetched. An alert rule on this data source keeps polling on.'
  );
}

function summary(health: EngineHealth, mode: Settings['mode']): string {
  const unverified = health.accounts.filter((account) => account.state === 'unverified');
  const parts = [
    `Breakwatch ${health.version} is ready (${mode}): ` +
      [
        count(health.accounts.length, 'account', 'accounts'),
        count(health.rules.count, 'rule', 'rules'),
        count(health.store.breaks, 'break', 'breaks'),
      ].join(', ') +
      '.',
  ];
  if (health.accounts.length === 0) {
    parts.push('It watches no account yet: give the server credentials or a callback key.');
  }
  if (unverified.length > 0) {
    parts.push(
      `Not verified, because callbacks alone cannot show that none was lost: ${unverified
        .map(({ account }) => account)
        .join(', ')}.`,
    );
  }
  const quiet = health.mute?.now.map(({ name }) => name) ?? [];
  if (quiet.length > 0) {
    parts.push(`Notifications are muted now by: ${quiet.join(', ')}.`);
  }
  if (health.accounts.some((account) => account.state === 'starting')) {
    parts.push('The first poll is still running.');
  }
  return parts.join(' ');
}

function detailsOf(details: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(details));
}

/**
 * Answers "Save & test": whether this data source works, else what is wrong and what to do. Never
 * throws.
 */
export async function answerHealth(
  request: CheckHealthRequest,
  instances: Instances,
  signal: AbortSignal,
): Promise<CheckHealthResponse> {
  try {
    return await instances.use(request.pluginContext, async ({ service, settings, slept }) => {
      const health = await healthAfterPoll(service, signal);
      const problems = problemsOf(health, settings.mode);
      const message = problems.length > 0 ? problems.join(' ') : summary(health, settings.mode);
      return create(CheckHealthResponseSchema, {
        status: problems.length > 0 ? HealthStatus.ERROR : HealthStatus.OK,
        message: slept ? `${message} ${sleepNote(slept)}` : message,
        jsonDetails: detailsOf({ mode: settings.mode, ...health, slept }),
      });
    });
  } catch (thrown) {
    const mode = modeOf(request.pluginContext?.dataSourceInstanceSettings);
    const { code, text } = grafanaErrorOfThrown(thrown, mode);
    return create(CheckHealthResponseSchema, {
      status: HealthStatus.ERROR,
      message: text,
      jsonDetails: detailsOf({ mode, error: { code } }),
    });
  }
}
