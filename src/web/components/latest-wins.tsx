import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { showInvisible } from '../../model/card/segments.ts';
import { OUTCOMES } from '../../model/vocabulary.ts';
import { fetchBreaks } from '../state/api.ts';
import { fetchLatestIncidents } from '../state/fetch-incidents.ts';
import { HISTORY_MS } from '../state/fetch-rules.ts';
import { useAnswer } from '../state/use-answer.ts';
import { useTimeZone } from '../state/use-time-zone.ts';
import { RULES_STRINGS } from '../words/rules-words.ts';
import type { Strings } from '../words/strings.ts';
import { PageLink } from './page-link.tsx';

/** Breaks and incidents at most, each. */
const SHOWN = 5;
const DAY_MS = 86_400_000;

/** The newest breaks that a rule won, and the newest incidents with this cause, with links to them. */
export function LatestWins({ rule, strings }: { rule: string; strings: Strings }) {
  const styles = useStyles2(getStyles);
  const words = RULES_STRINGS[strings.lang];
  const { lang: language } = strings;
  const [timeZone] = useTimeZone();
  const breaks = useAnswer(
    (signal) =>
      fetchBreaks(
        {
          from: Date.now() - HISTORY_MS,
          language,
          limit: SHOWN,
          filters: { rule: [rule], outcome: [...OUTCOMES] },
        },
        signal,
      ),
    rule,
  );
  const incidents = useAnswer(
    (signal) => fetchLatestIncidents(rule, Date.now() - HISTORY_MS, language, SHOWN, signal),
    `${language} ${rule}`,
  );
  const time = (at: number) => dateTimeFormat(at, { timeZone, format: 'MM-DD HH:mm:ss' });
  if (breaks.value?.breaks.length === 0) {
    return <p className={styles.dim}>{words.noLatest}</p>;
  }
  return (
    <ul className={styles.list} data-testid="latest">
      {incidents.value?.map(({ id, time: at, scope, cause }) => (
        <li key={id}>
          <PageLink to={`/?incident=${encodeURIComponent(id)}`}>
            {time(at)} · {strings.incidentState}: {showInvisible(scope)}
          </PageLink>{' '}
          <span className={styles.dim}>{cause}</span>
        </li>
      ))}
      {breaks.value?.breaks.map(({ id, endedAt, stream, domain, app, outcome }) => {
        const hours = Date.now() - endedAt < DAY_MS ? 24 : 720;
        const search = new URLSearchParams({ search: stream, hours: String(hours) });
        if (outcome === 'ended') {
          search.set('ended', '1');
        }
        return (
          <li key={id}>
            <PageLink to={`/?${search}`}>
              {time(endedAt)} · {showInvisible(stream) || '-'}
            </PageLink>{' '}
            <span className={styles.dim}>{showInvisible(`${domain}/${app}`)}</span>
          </li>
        );
      })}
    </ul>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ margin: 0, paddingLeft: theme.spacing(2.5) }),
  dim: css({ margin: 0, color: theme.colors.text.secondary, overflowWrap: 'anywhere' }),
});
