/**
 * Reads an answer such as `{"errcode":310000,"errmsg":"sign not match"}`.
 *
 * @param names - of the code's field, the first that is there counts
 * @param busy - codes that say to try again later
 */
export function readChatAnswer(
  answer: string,
  names: { code: readonly string[]; message: readonly string[] },
  busy: readonly number[],
): { problem: string; again: boolean } | null {
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(answer) as Record<string, unknown>;
  } catch {
    return { problem: 'its answer is not JSON; the URL may be wrong', again: false };
  }
  const code = names.code.map((name) => body?.[name]).find((value) => value !== undefined);
  if (code === 0) {
    return null;
  }
  const message = names.message.map((name) => body?.[name]).find((value) => value !== undefined);
  const problem = `code ${String(code)}: ${String(message ?? 'no message')}`;
  return { problem, again: busy.includes(Number(code)) };
}
