import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Readiness } from '../contract/health.ts';
import { ROUTES } from '../contract/routes.ts';
import type { Engine } from '../engine/engine.ts';
import type { AnswerError } from '../model/errors.ts';
import type { AlertOutbox } from '../model/notice.ts';
import { asBreakwatchError, maskedError } from '../secrets/masked-error.ts';
import { addRoute } from './add-route.ts';

/** Everything that keeps a server from serving, and everything else that is wrong. */
type Details = Required<Pick<Readiness, 'problems' | 'warnings'>>;

/** What {@link addHealthRoutes} needs. */
interface HealthRouteOptions {
  engine: Pick<Engine, 'health' | 'journalError'>;
  outbox: AlertOutbox | undefined;
  /** Whether a caller may see more than counts: details name accounts, endpoints and files. */
  mayRead: (request: FastifyRequest) => boolean;
}

/**
 * Adds `GET /healthz`, which says that the process lives, and `GET /readyz`, which says whether it can
 * serve: the store answers, the last write to the journal succeeded and rules are in force. That new
 * rules were rejected is only a warning, because the last good ones work; so is an account that cannot be
 * polled, because its stored breaks can still be read.
 */
export function addHealthRoutes(
  app: FastifyInstance,
  { engine, outbox, mayRead }: HealthRouteOptions,
): void {
  addRoute(app, ROUTES.alive, () => ({ alive: true }));
  addRoute(app, ROUTES.ready, async ({ request, reply }) => {
    const { problems, warnings } = await readDetails(engine);
    warnings.push(...(outbox ? warningsOf(outbox) : []));
    const ready = problems.length === 0;
    const readiness: Readiness = {
      ready,
      counts: { problems: problems.length, warnings: warnings.length },
      ...(mayRead(request) ? { problems, warnings } : {}),
    };
    return reply.code(ready ? 200 : 503).send(readiness);
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

async function readDetails(engine: HealthRouteOptions['engine']): Promise<Details> {
  const journalError = engine.journalError();
  const problems = journalError ? [journalError] : [];
  try {
    const { rules, accounts, deriving, store, cluster } = await engine.health();
    const errors = [store.integrity?.error, deriving?.error, ...accounts.map(({ error }) => error)];
    const warnings = errors
      .flatMap((error) => (error ? [error] : []))
      .concat(cluster?.errors ?? []);
    if (rules.count === 0) {
      const none = asBreakwatchError(new Error('no rule is in force')).toAnswer();
      return { problems: [...problems, rules.error ?? none], warnings };
    }
    return { problems, warnings: rules.error ? [rules.error, ...warnings] : warnings };
  } catch (thrown) {
    return { problems: [...problems, asBreakwatchError(thrown).toAnswer()], warnings: [] };
  }
}
