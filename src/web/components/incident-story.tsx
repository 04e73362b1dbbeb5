import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { AnswerFailed, fetchAlerts, fetchStoredIncident } from '../state/api.ts';
import { storyOf } from '../state/incident-story.ts';
import { usePolled } from '../state/use-polled.ts';
import { formatCount } from '../words/format.ts';
import type { Strings } from '../words/strings.ts';
import { getCardStyles } from './card-parts.tsx';

const INTERVAL_MS = 10_000;

interface IncidentStoryProps {
  id: string;
  /** Changes when somebody said something on this page, so that it shows at once. */
  version: number;
  strings: Strings;
  timeZone: 'browser' | 'utc';
}

/**
 * The time line of an incident: its turns, alerts and notices, who took and released it, notes. It
 * is fetched only where it is shown.
 */
export function IncidentStory({ id, version, strings, timeZone }: IncidentStoryProps) {
  const styles = useStyles2(getStyles);
  const found = usePolled(
    async (signal) => {
      try {
        const [incident, alerts] = await Promise.all([
          fetchStoredIncident(id, signal),
          fetchAlerts({ incident: id }, strings.lang, signal),
        ]);
        return { story: storyOf(incident, alerts) };
      } catch (thrown) {
        if (thrown instanceof AnswerFailed) {
          return { story: null };
        }
        throw thrown;
      }
    },
    `${id} ${version} ${strings.lang}`,
    INTERVAL_MS,
  );
  if (found === null) {
    return null;
  }
  return (
    <dl className={styles.grid}>
      <div className={styles.row}>
        <dt className={styles.dim}>{strings.timeLine}</dt>
        <dd className={styles.value}>
          {found.story === null ? (
            strings.noStory
          ) : (
            <ol className={styles.story} data-testid="story">
              {found.story.map(({ at, kind, down, by, text }) => (
                <li key={`${at} ${kind} ${by} ${down}`} data-kind={kind}>
                  <time className={styles.time} dateTime={new Date(at).toISOString()}>
                    {dateTimeFormat(at, { timeZone, format: 'MM-DD HH:mm:ss' })}
                  </time>{' '}
                  <strong>{strings.story[kind]}</strong>
                  {by !== null && ` ${strings.storyBy(by)}`}
                  {text !== null && `: ${text}`}
                  {down !== null && (
                    <span className={styles.dim}>
                      {' · '}
                      {strings.storyDown(formatCount(down, strings.lang))}
                    </span>
                  )}
                </li>
              ))}
            </ol>
          )}
        </dd>
      </div>
    </dl>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  ...getCardStyles(theme),
  story: css({ listStyle: 'none', margin: 0, padding: 0 }),
  time: css({ fontVariantNumeric: 'tabular-nums', color: theme.colors.text.secondary }),
});
