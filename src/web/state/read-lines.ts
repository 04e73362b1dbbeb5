/**
 * Reads an answer that has one JSON document a line, as its lines arrive.
 *
 * @throws Error when the connection is lost, SyntaxError when a line is cut off or is no JSON
 */
export async function* readLines<T>(body: ReadableStream<Uint8Array>): AsyncGenerator<T, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split('\n');
      rest = done ? '' : (lines.pop() ?? '');
      for (const line of lines) {
        if (line.trim() !== '') {
          yield JSON.parse(line) as T;
        }
      }
      if (done) {
        return;
      }
    }
  } finally {
    // Closes the connection when the caller leaves before the end.
    reader.cancel().catch(() => undefined);
  }
}
