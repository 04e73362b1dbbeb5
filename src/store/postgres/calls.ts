import { setTimeout as wait } from 'node:timers/promises';
import type { ErrorCode } from '../../model/error-catalogue.ts';
import { BreakwatchError, type ErrorDetails } from '../../model/errors.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import type { Database } from './database.ts';

/** How often a server that waits looks for the answer, ms. */
const LOOK_EVERY_MS = 100;
/** How often the server that leads looks for questions, ms. */
const ANSWER_EVERY_MS = 150;
/** A question that no server has taken after this time, ms, is given up by both sides. */
const TAKEN_WITHIN_MS = 15_000;
/** Longest wait for an answer, ms: an import waits until its entries are derived. */
const ANSWERED_WITHIN_MS = 120_000;
/** Questions that one look takes. */
const MOST = 20;

/** An answer as it is stored. */
type Answer = { result: unknown } | { error: { code: ErrorCode; details: ErrorDetails } };

/**
 * Asks the server that leads, over the tables: servers need not reach each other, and a question is answered once at most.
 * A question stands in the tables until it is answered, so its secrets are masked.
 *
 * @throws the error of the other server; `NO_LEADER` when none takes the question, or when the one that took it was replaced,
 *   in which case it may have done it
 */
export async function askLeader(database: Database, name: string, body: unknown): Promise<unknown> {
  const made = await database.row<[number]>(
    'INSERT INTO calls (name, body) VALUES ($1, $2) RETURNING id',
    name,
    JSON.stringify(maskSecrets(body ?? null)),
  );
  const id = (made as [number])[0];
  const askedAt = performance.now();
  for (;;) {
    await wait(LOOK_EVERY_MS);
    const row = await database.row<
      [answer: string | null, taken: number | null, leads: number | null]
    >(
      `SELECT c.answer, c.epoch, w.epoch FROM calls c LEFT JOIN writer w ON w.part = 'derived' WHERE c.id = $1`,
      id,
    );
    const [answer = null, taken = null, leads = null] = row ?? [];
    if (answer !== null) {
      await database.run('DELETE FROM calls WHERE id = $1', id);
      return resultOf(JSON.parse(answer) as Answer);
    }
    const waited = performance.now() - askedAt;
    const isLost = row === undefined || (taken !== null && taken !== leads);
    if (isLost || waited > (taken === null ? TAKEN_WITHIN_MS : ANSWERED_WITHIN_MS)) {
      await database.run('DELETE FROM calls WHERE id = $1', id);
      throw new BreakwatchError('NO_LEADER');
    }
  }
}

function resultOf(answer: Answer): unknown {
  if ('error' in answer) {
    const { code, details } = answer.error;
    throw new BreakwatchError(code, details);
  }
  return answer.result;
}

/**
 * Answers questions of other servers, until it is stopped.
 *
 * @param epoch - the number of this server, which leads
 * @param answer - what it throws is thrown by `askLeader`
 * @returns stops it
 */
export function answerCalls(
  database: Database,
  epoch: number,
  answer: (name: string, body: unknown) => Promise<unknown>,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  async function answerOne(id: number, name: string, body: string): Promise<void> {
    const given = await answer(name, JSON.parse(body)).then(
      (result): Answer => ({ result: result ?? null }),
      (thrown: unknown): Answer => {
        const { code, details } = asBreakwatchError(thrown);
        return { error: { code, details } };
      },
    );
    await database.run(
      'UPDATE calls SET answer = $1 WHERE id = $2 AND epoch = $3',
      JSON.stringify(given),
      id,
      epoch,
    );
  }

  async function look(): Promise<void> {
    // Only while this server leads, and each question once.
    const taken = await database.rows<[id: number, name: string, body: string]>(
      `UPDATE calls c SET epoch = $1
       WHERE c.epoch IS NULL AND c.made_at > clock_timestamp() - interval '${TAKEN_WITHIN_MS} ms'
         AND EXISTS (SELECT 1 FROM writer w WHERE w.part = 'derived' AND w.epoch = $1)
         AND c.id IN (SELECT id FROM calls WHERE epoch IS NULL ORDER BY id LIMIT ${MOST})
       RETURNING c.id, c.name, c.body`,
      epoch,
    );
    for (const [id, name, body] of taken) {
      // Nothing waits for it here; a caller that gets no answer gives up.
      answerOne(id, name, body).catch(() => undefined);
    }
  }

  function next(): void {
    if (!isStopped) {
      timer = setTimeout(
        () =>
          void look()
            .catch(() => undefined)
            .finally(next),
        ANSWER_EVERY_MS,
      );
      timer.unref();
    }
  }

  next();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
