import { expect, it } from 'vitest';
import { readLines } from '../../../src/web/state/read-lines.ts';

const bytes = new TextEncoder().encode('{"a":"切断"}\n\n{"a":2}\n{"a":3}');

/** A body that arrives in pieces of this size, and then ends or fails. */
function bodyOf(size: number, failure?: Error): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) {
        controller.enqueue(bytes.slice(at, at + size));
        at += size;
      } else if (failure) {
        controller.error(failure);
      } else {
        controller.close();
      }
    },
  });
}

it.each([1, 2, 7, 100])('reads each line, whatever the pieces (%i bytes)', async (size) => {
  const lines: unknown[] = [];
  for await (const line of readLines(bodyOf(size))) {
    lines.push(line);
  }
  expect(lines).toEqual([{ a: '切断' }, { a: 2 }, { a: 3 }]);
});

it('hands over the lines before the connection is lost, and then says so', async () => {
  const lines: unknown[] = [];
  const read = async () => {
    for await (const line of readLines(bodyOf(5, new Error('lost')))) {
      lines.push(line);
    }
  };
  await expect(read()).rejects.toThrow('lost');
  expect(lines).toEqual([{ a: '切断' }, { a: 2 }]);
});

it('closes the connection when its reader leaves', async () => {
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('1\n')),
    cancel() {
      isCancelled = true;
    },
  });
  for await (const _line of readLines(body)) {
    break;
  }
  expect(isCancelled).toBe(true);
});
