import type { OutgoingHttpHeaders } from 'node:http';
import { FILTER_NAMES, GROUP_BY } from '../../src/model/query.ts';
import { LANGUAGES } from '../../src/model/vocabulary.ts';
import { secretText } from './hide-secret.ts';
import type { Workshop } from './make-callback.ts';
import type { Sender } from './send.ts';

/** Asks everything that can be asked; each has to be answered, and nothing with a fault of ours. */
export async function askAll(
  sender: Sender,
  authorized: OutgoingHttpHeaders,
  { random, secrets }: Pick<Workshop, 'random' | 'secrets'>,
): Promise<{ texts: string[]; problems: string[] }> {
  const texts: string[] = [];
  const problems: string[] = [];
  const ask = async (wanted: number | null, method: string, path: string, body?: unknown) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await sender.send(method, path, text, authorized);
    texts.push(answer.text);
    if (wanted === null ? answer.status >= 500 : answer.status !== wanted) {
      problems.push(
        `${method} ${path} ${text ?? ''}: ${answer.status} ${answer.text}`.slice(0, 900),
      );
    }
    return answer.text;
  };
  const from = Date.now() - 400 * 86_400_000;
  const to = Date.now() + 86_400_000;
  const query = (one: object) =>
    ask(200, 'POST', '/api/v1/query', { from, to, queries: [{ refId: 'A', ...one }] });
  const everything = { outcome: ['broken', 'refused', 'ended'] };
  for (const language of LANGUAGES) {
    await query({ queryType: 'breaks', filters: everything, limit: 100_000, language });
    await query({ queryType: 'annotations', filters: everything, limit: 2_000, language });
    await query({ queryType: 'annotations', gaps: true, language });
    await query({ queryType: 'alerts', language });
    await query({ queryType: 'incidents', limit: 1_000, language });
    await query({ queryType: 'streams', filters: everything, limit: 10_000, language });
  }
  for (const by of GROUP_BY) {
    await query({ queryType: 'series', groupBy: [by], filters: everything, limit: 1_000 });
  }
  for (const filter of FILTER_NAMES) {
    await ask(200, 'GET', `/api/v1/values/${filter}?from=${from}&to=${to}`);
  }
  await ask(200, 'GET', `/api/v1/breaks?from=${from}&to=${to}&limit=100000`);
  await ask(200, 'GET', '/api/v1/health');
  await ask(200, 'GET', '/readyz');
  for (let count = 0; count < 200; count += 1) {
    const secret = secretText(secrets.next(), random);
    const escaped = encodeURIComponent(secret);
    await random.pick([
      () => ask(null, 'GET', `/api/v1/lookup?text=${escaped}`),
      () => ask(null, 'GET', `/api/v1/breaks?from=${escaped}`),
      () => ask(null, 'GET', `/api/v1/breaks?${escaped}=1`),
      () => ask(null, 'GET', `/api/v1/breaks?next=${escaped}`),
      () => ask(null, 'GET', `/api/v1/values/${escaped}`),
      () => ask(null, 'GET', `/${escaped}`),
      () => ask(null, 'GET', `/%zz?txSecret=${secrets.next()}`),
      () => ask(null, 'POST', '/api/v1/query', secret),
      () => ask(null, 'POST', '/api/v1/query', { queries: [{ refId: secret, queryType: secret }] }),
      () => ask(null, 'POST', '/api/v1/query', { [secret]: 1, queries: [] }),
      () => ask(null, 'POST', `/api/v1/import?account=${escaped}`, {}),
      () => ask(null, 'POST', '/api/v1/actions', { account: secret, action: secret }),
    ])();
  }
  const wrong = await sender.send('GET', '/metrics', undefined, {
    authorization: `Bearer ${secrets.next()}`,
  });
  texts.push(wrong.text);
  return { texts, problems };
}
