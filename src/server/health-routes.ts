import type { FastifyInstance } from 'fastify';
import type { Engine } from '../engine/engine.ts';
import type { AlertOutbox } from '../model/notice-outbox.ts';
import type { AnswerError } from '../model/query.ts';
import { asBreakwatchError, maskedError } from '../secrets/masked-error.ts';

/** What `/readyz` answers. */
export interface Readiness {
  ready: boolean;
  /** Why it is not ready. */
  problems: AnswerError[];
  /** What is wrong and does not keep it from serving. */
  warnings: AnswerError[];
}

/**
 * `GET /healthz` says that the process lives. `GET /readyz` says whether it can serve: the store
 * answers and rules are in force. A rule file that was left out is a warning, as the others serve,
 * and so is an account that can not be polled: what is known can still be asked.
 */
export function addHealthRoutes(
  app: FastifyInstance,
  engine: Pick<Engine, 'health'>,
  outbox?: AlertOutbox,
): void {
  app.get('/healthz', () => ({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    const readiness = await readReadiness(engine);
    readiness.warnings.push(...(outbox ? warningsOf(outbox) : []));
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
}

/** That alerts do not get out is nothing that serving suffers from, but somebody has to know. */
function warningsOf(outbox: AlertOutbox): AnswerError[] {
  const problems = outbox
    .status()
    .flatMap(({ channel, dead, error }) => [
      ...(error ? [error] : []),
      ...(dead > 0 ? [maskedError('NOTICES_GIVEN_UP', { channel, count: dead }).toAnswer()] : []),
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
