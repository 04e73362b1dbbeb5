import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { findProblem } from '../../src/contract/find-problem.ts';
import { ErrorAnswer } from '../../src/contract/query.ts';
import { ROUTES, type Route } from '../../src/contract/routes.ts';

/** Checks the answers of a server. */
export interface AnswerCheck {
  /** Pass this to the server as `configure`. */
  configure: (app: FastifyInstance) => void;
  /** Answers that violate the contract. */
  problems: string[];
  /** Method and path of each route of the server. */
  routes: string[];
}

function textOf(reply: FastifyReply, bytes: Uint8Array): string {
  const isCompressed = reply.getHeader('content-encoding') === 'gzip';
  return Buffer.from(isCompressed ? gunzipSync(bytes) : bytes).toString();
}

/** Compares every JSON answer of a server, and the code of every error, with the contract. */
export function checkAnswers(): AnswerCheck {
  const problems: string[] = [];
  const routes: string[] = [];
  const byName = new Map(
    (Object.values(ROUTES) as Route[]).map((route) => [`${route.method} ${route.path}`, route]),
  );

  function check(name: string, status: number, text: string): void {
    const route = byName.get(name);
    if (!route) {
      return;
    }
    const isError = status >= 400 && route !== ROUTES.ready;
    if (!isError && !route.answer) {
      return;
    }
    const body: unknown = JSON.parse(text);
    const found = findProblem(
      isError ? ErrorAnswer : (route.answer as never),
      body,
      (part) => part,
    );
    if (found) {
      problems.push(`${name} answered ${status}: ${found.field} ${found.problem}`);
    } else if (isError) {
      const { code } = (body as { error: { code: string } }).error;
      if (!(route.errors as readonly string[]).includes(code)) {
        problems.push(`${name} answered ${code}, which the contract does not list`);
      }
    }
  }

  return {
    problems,
    routes,
    configure(app) {
      app.addHook('onRoute', ({ method, url }) => {
        routes.push(...[method].flat().map((one) => `${one} ${url}`));
      });
      app.addHook('onSend', async (request, reply, payload) => {
        const name = `${request.method} ${request.routeOptions.url}`;
        const { statusCode } = reply;
        if (typeof payload === 'string') {
          check(name, statusCode, payload);
        } else if (payload instanceof Uint8Array && byName.get(name)?.answer) {
          check(name, statusCode, textOf(reply, payload));
        } else if (payload instanceof Readable && byName.get(name)?.answer) {
          return Readable.from(
            (async function* () {
              const chunks: Buffer[] = [];
              for await (const chunk of payload) {
                chunks.push(Buffer.from(chunk));
                yield chunk;
              }
              check(name, statusCode, textOf(reply, Buffer.concat(chunks)));
            })(),
          );
        }
        return payload;
      });
    },
  };
}
