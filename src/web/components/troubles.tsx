import { Alert } from '@grafana/ui';
import type { EngineHealth } from '../../model/health.ts';
import type { Strings } from '../words/strings.ts';

/** What is wrong with the watching itself, in full: a phone has no pointer to hover over a badge. */
export function Troubles({ health, strings }: { health: EngineHealth | null; strings: Strings }) {
  return (
    <>
      {health?.accounts.map(
        ({ account, state, error }) =>
          (state === 'blind' || error) && (
            <Alert
              key={account}
              bottomSpacing={0}
              severity={state === 'blind' ? 'error' : 'warning'}
              title={state === 'blind' ? strings.notWatched(account) : account}
            >
              {error ? (
                <>
                  <div>{error.message}</div>
                  <div>{error.remedy}</div>
                </>
              ) : (
                strings.accountState[state]
              )}
            </Alert>
          ),
      )}
      {health?.rules.error && (
        <Alert bottomSpacing={0} severity="error" title={strings.rulesKept}>
          <div>{health.rules.error.message}</div>
          <div>{health.rules.error.remedy}</div>
        </Alert>
      )}
    </>
  );
}
