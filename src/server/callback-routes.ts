import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Engine } from '../engine/engine.ts';
import { maskedError } from '../secrets/masked-error.ts';
import type { CallbackSenders } from './callback-senders.ts';
import type { Metrics } from './create-metrics.ts';
import type { Log } from './log.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { createRefusalLog } from './refusal-log.ts';
import { placeOf, toAnswerError } from './to-answer-error.ts';

/** CSS callbacks are below 4 KB. */
export const CALLBACK_BODY_LIMIT = 64 * 1024;

/**
 * `POST /callbacks/css/<account>`: answers 200 with `{"code":0}` once the callback is on disk, which
 * is what CSS waits for; anything else makes CSS send it again. The content type does not matter, as
 * documents disagree about it.
 *
 * @param accounts - names that exist; others are counted together, as anyone can make them up
 * @param callbackFrom - from where callbacks may come, of accounts that limit it
 */
export function addCallbackRoutes(
  app: FastifyInstance,
  { engine, metrics, log }: { engine: Engine; metrics: Metrics; log: Log },
  accounts: ReadonlySet<string>,
  callbackFrom: ReadonlyMap<string, CallbackSenders> = new Map(),
): void {
  const logRefusal = createRefusalLog(log);
  app.register(async (callbacks) => {
    callbacks.setErrorHandler((thrown, request, reply) => {
      const error = toAnswerError(thrown, CALLBACK_BODY_LIMIT);
      const { account } = request.params as { account: string };
      const known = accounts.has(account) ? account : 'unknown';
      metrics.callbackRefused(known, error.code);
      metrics.errorAnswered(error.code);
      logRefusal(known, error);
      if (error.code === 'INTERNAL') {
        log('error', `callback: ${placeOf(error)}`);
      }
      return reply.code(error.status).send({ error: error.toAnswer() });
    });
    callbacks.addHook('onRequest', async (request) => {
      const { account } = request.params as { account: string };
      const address = request.ip;
      if (callbackFrom.get(account)?.has(address) === false) {
        const shown = isIP(address) ? address : 'an unreadable address';
        throw maskedError('CALLBACK_FROM_ELSEWHERE', { account, address: shown });
      }
    });
    callbacks.post<{ Params: { account: string } }>(
      '/callbacks/css/:account',
      { bodyLimit: CALLBACK_BODY_LIMIT },
      async (request) => {
        const { account } = request.params;
        const accepted = await engine.acceptCallback(account, parseJsonBody(request.body));
        metrics.callbackAccepted(account, accepted.duplicate, accepted.eventType);
        return { code: 0 };
      },
    );
  });
}
