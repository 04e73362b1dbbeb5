import { BreakwatchError } from '../../model/errors.ts';
import type { EngineHealth, Query } from '../../model/query.ts';

/**
 * Makes sure that somebody watches the accounts that an alert asks about. An empty answer of a blind
 * collector would read as "no breaks", and so as all well. Alerts tell of blindness themselves.
 *
 * @throws COLLECTION_BLIND when every account asked about is blind
 */
export function checkCoverage(query: Query, { accounts }: EngineHealth): void {
  if (query.queryType === 'alerts') {
    return;
  }
  const wanted = query.filters?.account ?? [];
  const asked = accounts.filter(
    ({ account }) => wanted.length === 0 || wanted.some((name) => fits(name, account)),
  );
  if (asked.length > 0 && asked.every(({ state }) => state === 'blind')) {
    const [first] = asked;
    throw new BreakwatchError('COLLECTION_BLIND', {
      accounts: asked.map(({ account }) => account).join(', '),
      problem: first?.error?.message ?? 'no poll succeeded for 60 s',
    });
  }
}

/** `*` in a filter stands for any run of characters. */
function fits(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}
