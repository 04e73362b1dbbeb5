import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { ROUTES } from '../contract/routes.ts';
import type { Engine } from '../engine/engine.ts';
import { maskedError } from '../secrets/masked-error.ts';
import type { CallbackSenders } from './callback-senders.ts';
import type { Metrics } from './create-metrics.ts';
import { nameFormFormat } from './name-form-format.ts';
import { parseJsonBody } from './parse-json-body.ts';
import type { RepeatLog } from './repeat-log.ts';
import { placeOf, toAnswerError } from './to-answer-error.ts';

/** CSS callbacks are below 4 KB. */
const CALLBACK_BODY_LIMIT = 64 * 1024;

/**
 * Adds `POST /callbacks/css/<account>`, which answers 200 with `{"code":0}` once the callback is on disk.
 * After any other answer CSS sends the callback again. The content type is ignored, because Tencent's
 * documents disagree about it.
 *
 * @param accounts - names of the accounts; other names are counted together, because anybody can invent
 *   them
 * @param callbackFrom - for accounts that limit it: the addresses from which callbacks are accepted
 */
export function addCallbackRoutes(
  app: FastifyInstance,
  { engine, metrics, repeatLog }: { engine: Engine; metrics: Metrics; repeatLog: RepeatLog },
  accounts: ReadonlySet<string>,
  callbackFrom: ReadonlyMap<string, CallbackSenders> = new Map(),
): void {
  app.register(async (callbacks) => {
    callbacks.setErrorHandler((thrown, request, reply) => {
      const error = toAnswerError(thrown, CALLBACK_BODY_LIMIT);
      const { account } = request.params as { account: string };
      const known = accounts.has(account) ? account : 'unknown';
      metrics.callbackRefused(known, error.code);
      metrics.errorAnswered(error.code);
      const place = error.code === 'INTERNAL' ? ` ${placeOf(error)}` : '';
      // CSS repeats a callback that was refused.
      repeatLog.log(
        `callback ${known} ${error.code}`,
        error.status >= 500 ? 'error' : 'warn',
        `callback of ${known} refused: ${error.code}: ${error.message} ${error.remedy}${place}`,
      );
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
      ROUTES.callback.path,
      { bodyLimit: CALLBACK_BODY_LIMIT },
      async (request) => {
        const { account } = request.params;
        const accepted = await engine.acceptCallback(account, parseBody(request.body));
        metrics.callbackAccepted(account, accepted.duplicate, accepted.eventType);
        return { code: 0 };
      },
    );
  });
}

/**
 * Parses the body of a callback. Names a body that is a form, because a relay in between may turn JSON
 * into one.
 *
 * @throws `CALLBACK_FORM_ENCODED`, `BAD_JSON`
 */
function parseBody(body: unknown): unknown {
  try {
    return parseJsonBody(body);
  } catch (thrown) {
    const format = Buffer.isBuffer(body) ? nameFormFormat(body.toString('latin1')) : null;
    throw format === null ? thrown : maskedError('CALLBACK_FORM_ENCODED', { format });
  }
}
