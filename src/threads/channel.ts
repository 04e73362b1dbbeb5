import type { ErrorCode } from '../model/error-catalogue.ts';
import type { BreakwatchError, ErrorDetails } from '../model/errors.ts';
import { maskedError } from '../secrets/masked-error.ts';

/** What one side of a thread offers to the other, by name. */
export type Operations = Record<string, (...args: never[]) => unknown>;

/** Any object type whose properties are all operations. */
export type OperationsOf<O> = { [Name in keyof O]: Operations[string] };

type Arguments<F> = F extends (...args: infer Args) => unknown ? Args : never;
type Result<F> = F extends (...args: never[]) => infer R
  ? Awaited<R> extends Transferred<infer T>
    ? T
    : Awaited<R>
  : never;

/** The operations of the other side. Calls and notifications arrive in the order they were made. */
export interface Remote<O> {
  /**
   * Calls an operation. Calls of one turn of the event loop travel as one message.
   *
   * @throws the error of the operation; the thread's error when it stops before it answers
   */
  call<Name extends keyof O & string>(
    operation: Name,
    ...args: Arguments<O[Name]>
  ): Promise<Result<O[Name]>>;
  /** Calls an operation at once and waits for no answer. A thread that has stopped misses it. */
  notify<Name extends keyof O & string>(operation: Name, ...args: Arguments<O[Name]>): void;
}

/** An answer whose buffers move to the other thread instead of being copied. */
export class Transferred<T> {
  readonly value: T;
  readonly buffers: readonly ArrayBuffer[];

  constructor(value: T, buffers: readonly ArrayBuffer[]) {
    this.value = value;
    this.buffers = buffers;
  }
}

/** One call on its way. */
export interface Call {
  /** {@link NO_ANSWER} for a notification. */
  id: number;
  operation: string;
  args: unknown[];
}

/** The id of calls without an answer. */
const NO_ANSWER = 0;

/** An error as it crosses threads. */
export interface CarriedError {
  code: ErrorCode;
  details: ErrorDetails;
}

/** The result of one call. */
export type Answer = { id: number; value: unknown } | { id: number; error: CarriedError };

/** What crosses between a thread and the one that started it. */
export type Message =
  | { calls: Call[] }
  | { answers: Answer[] }
  /** From the thread: it is set up. */
  | { ready: true }
  /** From the thread: it could not be set up, and ends. */
  | { failed: CarriedError }
  /** To the thread: end after everything sent before. */
  | { end: true };

/** An error as plain data. */
export function carry({ code, details }: BreakwatchError): CarriedError {
  return { code, details };
}

/** The error that was carried, with secrets in its details masked. */
export function uncarry({ code, details }: CarriedError): BreakwatchError {
  return maskedError(code, details);
}

/** Runs one call. @throws what the operation throws */
export function perform(operations: Operations, { operation, args }: Omit<Call, 'id'>): unknown {
  const run = operations[operation];
  if (run === undefined) {
    throw new Error(`unknown operation ${operation}`);
  }
  return run(...(args as never[]));
}

interface Pending {
  resolve: (value: unknown) => void;
  reject: (error: BreakwatchError) => void;
}

type Post = (message: Message, transfer: readonly ArrayBuffer[]) => void;

/** One end of the connection between two threads: matches answers to calls. */
export class Channel {
  readonly #post: Post;
  readonly #toError: (thrown: unknown) => BreakwatchError;
  readonly #pending = new Map<number, Pending>();
  /** Calls of this turn of the event loop. */
  #outgoing: Call[] = [];
  #lastId = NO_ANSWER;
  #closed: BreakwatchError | undefined;

  /**
   * @param post - sends a message to the other end
   * @param toError - makes a coded error of what an operation throws
   */
  constructor(post: Post, toError: (thrown: unknown) => BreakwatchError) {
    this.#post = post;
    this.#toError = toError;
  }

  /** See {@link Remote.call}. */
  call(operation: string, args: unknown[]): Promise<unknown> {
    if (this.#closed !== undefined) {
      return Promise.reject(this.#closed);
    }
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      this.#pending.set(this.#lastId, { resolve, reject });
      this.#outgoing.push({ id: this.#lastId, operation, args });
      if (this.#outgoing.length === 1) {
        setImmediate(() => this.flush());
      }
    });
  }

  /** See {@link Remote.notify}. */
  notify(operation: string, args: unknown[]): void {
    if (this.#closed === undefined) {
      this.flush();
      this.#post({ calls: [{ id: NO_ANSWER, operation, args }] }, []);
    }
  }

  /** Sends the calls that wait for the end of this turn. */
  flush(): void {
    const calls = this.#outgoing;
    this.#outgoing = [];
    if (calls.length === 0) {
      return;
    }
    try {
      this.#post({ calls }, []);
    } catch (thrown) {
      // A value that cannot cross threads.
      for (const { id } of calls) {
        this.#pending.get(id)?.reject(this.#toError(thrown));
        this.#pending.delete(id);
      }
    }
  }

  /** Sends answers, after all calls and notifications made before. */
  answer(answers: readonly Answer[]): void {
    this.flush();
    const buffers = new Set<ArrayBuffer>();
    const plain = answers.map((answer) => {
      if (!('value' in answer) || !(answer.value instanceof Transferred)) {
        return answer;
      }
      for (const buffer of answer.value.buffers) {
        buffers.add(buffer);
      }
      return { id: answer.id, value: answer.value.value };
    });
    this.#post({ answers: plain }, [...buffers]);
  }

  /** Runs calls of the other end one by one and answers each as soon as it is done. */
  serve(operations: Operations, calls: readonly Call[]): void {
    for (const call of calls) {
      if (call.id === NO_ANSWER) {
        perform(operations, call);
        continue;
      }
      const fail = (thrown: unknown) =>
        this.answer([{ id: call.id, error: carry(this.#toError(thrown)) }]);
      try {
        const value = perform(operations, call);
        if (value instanceof Promise) {
          value.then((done) => this.answer([{ id: call.id, value: done }])).catch(fail);
        } else {
          this.answer([{ id: call.id, value }]);
        }
      } catch (thrown) {
        fail(thrown);
      }
    }
  }

  /** Settles the calls that the other end has answered. */
  settle(answers: readonly Answer[]): void {
    for (const answer of answers) {
      const caller = this.#pending.get(answer.id);
      this.#pending.delete(answer.id);
      if ('error' in answer) {
        caller?.reject(uncarry(answer.error));
      } else {
        caller?.resolve(answer.value);
      }
    }
  }

  /** Takes no new calls; those already made are still sent and answered. */
  close(error: BreakwatchError): void {
    this.flush();
    this.#closed ??= error;
  }

  /** Fails all pending calls, and later ones. */
  fail(error: BreakwatchError): void {
    this.#closed ??= error;
    this.#outgoing = [];
    for (const { reject } of this.#pending.values()) {
      reject(error);
    }
    this.#pending.clear();
  }
}
