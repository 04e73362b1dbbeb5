import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

type Done = (error?: Error | null) => void;

/**
 * A socket whose writes are over as soon as they are handed to it.
 *
 * Node stops reading an HTTP/2 connection while a write to its socket is pending, as a guard against
 * floods. Grafana's side stops reading too while it has many cancellations to write. When a refresh
 * cancels a thousand calls with answers on their way, both wait for each other for ever and only a
 * restart helps. With writes that never pend, Node goes on reading. HTTP/2's own flow control bounds
 * what can pile up here.
 */
export class EagerDuplex extends Duplex {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    socket.on('data', (chunk) => {
      if (!this.push(chunk)) {
        socket.pause();
      }
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#socket.write(chunk);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#socket.cork();
    for (const { chunk } of chunks) {
      this.#socket.write(chunk);
    }
    this.#socket.uncork();
    done();
  }

  override _final(done: Done): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#socket.destroy();
    done(error);
  }
}
