import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Alert, useStyles2 } from '@grafana/ui';
import type { TriedEdit } from '../../contract/rules.ts';
import { showInvisible } from '../../model/card/segments.ts';
import { ruleAddress } from '../state/place.ts';
import { useTimeZone } from '../state/use-time-zone.ts';
import { formatCount, formatOffset } from '../words/format.ts';
import { RULES_STRINGS } from '../words/rules-words.ts';
import type { Strings } from '../words/strings.ts';
import { getTableStyles } from './table-styles.ts';

/** What an edit would change in the stored breaks: figures, and the breaks that get another rule. */
export function TrialResult({ result, strings }: { result: TriedEdit; strings: Strings }) {
  const styles = useStyles2(getStyles);
  const words = RULES_STRINGS[strings.lang].trial;
  const [timeZone] = useTimeZone();
  const { events, from, to, movements, pairs, notRecorded, complete } = result;
  const count = (number: number) => formatCount(number, strings.lang);
  const time = (at: number) =>
    `${dateTimeFormat(at, { timeZone, format: 'MM-DD HH:mm' })} ${formatOffset(timeZone, at)}`;
  return (
    <div data-testid="result">
      <h4 className={styles.heading}>{words.history}</h4>
      {!complete && <Alert bottomSpacing={1} severity="info" title={words.partly} />}
      {events === 0 || from === null || to === null ? (
        <p className={styles.dim}>{words.noBreaks}</p>
      ) : (
        <ul className={styles.figures}>
          <li>{words.judged(count(events), time(from), time(to))}</li>
          <li>
            <strong>
              {words.moved(
                count(result.moved),
                new Intl.NumberFormat(strings.lang, { maximumFractionDigits: 2 }).format(
                  result.movedPercent,
                ),
              )}
            </strong>
          </li>
          {result.reworded > 0 && <li>{words.reworded(count(result.reworded))}</li>}
          {result.newlyUnknown > 0 && <li>{words.newlyUnknown(count(result.newlyUnknown))}</li>}
          {result.newlyKnown > 0 && <li>{words.newlyKnown(count(result.newlyKnown))}</li>}
        </ul>
      )}
      {events > 0 && notRecorded.length > 0 && (
        <p className={styles.dim}>{words.notRecorded(notRecorded.join(', '))}</p>
      )}
      {movements.length > 0 && (
        <div className={styles.wide}>
          <table className={`${styles.table} ${styles.oneLine}`}>
            <thead>
              <tr>
                <th>{words.count}</th>
                <th>{words.before}</th>
                <th>{words.after}</th>
                <th>{words.newest}</th>
              </tr>
            </thead>
            <tbody>
              {movements.map((pair) => (
                <tr key={`${pair.from} ${pair.to}`}>
                  <td>{count(pair.count)}</td>
                  <td>
                    {/* In a new tab, as the edit is not saved. */}
                    <a
                      className={styles.link}
                      href={ruleAddress(pair.from)}
                      target="_blank"
                      rel="noreferrer"
                    >
                      {pair.from}
                    </a>
                  </td>
                  <td>
                    <code>{pair.to}</code>
                  </td>
                  <td>
                    {pair.samples.map(({ endedAt, stream }) => (
                      <div key={`${endedAt} ${stream}`}>
                        <span className={styles.dim}>{time(endedAt)}</span> {showInvisible(stream)}
                      </div>
                    ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {pairs > movements.length && (
        <p className={styles.dim}>{words.morePairs(count(pairs - movements.length))}</p>
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  ...getTableStyles(theme),
  heading: css({ ...theme.typography.h6, margin: theme.spacing(0, 0, 0.5) }),
  dim: css({ margin: 0, color: theme.colors.text.secondary, overflowWrap: 'anywhere' }),
  link: css({ color: theme.colors.text.link }),
  // Ids and times stay whole; the table scrolls.
  oneLine: css({ marginTop: theme.spacing(1), '& td, & th': { whiteSpace: 'nowrap' } }),
  figures: css({ margin: theme.spacing(0, 0, 1), paddingLeft: theme.spacing(2.5) }),
});
