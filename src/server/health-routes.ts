import type { FastifyInstance } from 'fastify';
import type { Readiness } from '../contract/health.ts';
import { ROUTES } from '../contract/routes.ts';
import type { Engine } from '../engine/engine.ts';
import type { AnswerError } from '../model/errors.ts';
import type { AlertOutbox } from '../model/notice.ts';
import { asBreakwatchError, maskedError } from '../secrets/masked-error.ts';
import { addRoute } from './add-route.ts';

/**
 * Adds `GET /healthz`, which says that the process lives, and `GET /readyz`, which says whether it can
 * serve: the store answers and rules are in force. A rule file that was left out is only a warning,
 * because the other rules work; so is an account that cannot be polled, because its stored breaks can
 * still be read.
 */
export function addHealthRoutes(
  app: FastifyInstance,
  engine: Pick<Engine, 'health'>,
  outbox?: AlertOutbox,
): void {
  addRoute(app, ROUTES.alive, () => ({ alive: true }));
  addRoute(app, ROUTES.ready, async ({ reply }) => {
    const readiness = await readReadiness(engine);
    readiness.warnings.push(...(outbox ? warningsOf(outbox) : []));
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
}

/** Alerts that are not sent do not stop the server from serving, but the operator must know. */
function warningsOf(outbox: AlertOutbox): AnswerError[] {
  const problems = outbox
    .status()
    .flatMap(({ channel, givenUp, error }) => [
      ...(error ? [error] : []),
      ...(givenUp > 0
        ? [maskedError('NOTICES_GIVEN_UP', { channel, count: givenUp }).toAnswer()]
        : []),
    ]);
  return [...problems, ...outbox.warnings()];
}

async function readReadiness(engine: Pick<Engine, 'health'>): Promise<Readiness> {
  try {
    const { rules, accounts, deriving } = await engine.health();
    const errors = [deriving?.error, ...accounts.map(({ error }) => error)];
    const warnings = errors.flatMap((error) => (error ? [error] : []));
    if (rules.count > 0) {
      return {
        ready: true,
        problems: [],
        warnings: rules.error ? [rules.error, ...warnings] : warnings,
      };
    }
    const none = asBreakwatchError(new Error('no rule is in force')).toAnswer();
    return { ready: false, problems: [rules.error ?? none], warnings };
  } catch (thrown) {
    return { ready: false, problems: [asBreakwatchError(thrown).toAnswer()], warnings: [] };
  }
}
