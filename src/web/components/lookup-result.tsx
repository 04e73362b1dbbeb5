import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Alert, useStyles2 } from '@grafana/ui';
import type { Explained } from '../../contract/explain.ts';
import { showInvisible } from '../../model/card/segments.ts';
import { formatSpan } from '../../model/time.ts';
import { isOneOf } from '../../model/vocabulary.ts';
import { URL_WARNINGS } from '../state/lookup.ts';
import { useTimeZone } from '../state/use-time-zone.ts';
import { formatCount, formatOffset } from '../words/format.ts';
import { LOOKUP_STRINGS } from '../words/lookup-words.ts';
import type { Strings } from '../words/strings.ts';
import { DetailRows, getCardStyles } from './card-parts.tsx';
import { CauseCard } from './cause-card.tsx';

interface LookupResultProps {
  answer: Explained;
  strings: Strings;
}

/** What a pasted text is, and what Breakwatch concludes from it. */
export function LookupResult({ answer, strings }: LookupResultProps) {
  const styles = useStyles2(getStyles);
  const words = LOOKUP_STRINGS[strings.lang];
  const count = (number: number) => formatCount(number, strings.lang);
  const { kind, code, causes, totalCauses, events, complete, url, problems, totalProblems } =
    answer;
  return (
    <div className={styles.result} data-testid="explained" data-kind={kind}>
      <div className={styles.line}>
        <h3 className={styles.heading}>{words.kind[kind]}</h3>
        {code !== null && <code>{code}</code>}
        {events > 1 && <span className={styles.dim}>{words.events(events, count(events))}</span>}
      </div>
      {kind === 'unknown' && <p className={styles.dim}>{words.unknownHint}</p>}
      {!complete && <Alert bottomSpacing={0} severity="info" title={words.incomplete} />}
      {url && <CheckedUrl url={url} strings={strings} />}
      <ul className={styles.list}>
        {causes.map((cause) => (
          <CauseCard
            key={`${cause.code} ${cause.verdict?.rule?.id} ${cause.title}`}
            cause={cause}
            isOpen={causes.length === 1}
            strings={strings}
          />
        ))}
      </ul>
      {totalCauses > causes.length && (
        <p className={styles.dim}>{words.moreCauses(count(totalCauses - causes.length))}</p>
      )}
      {problems.length > 0 && (
        <div data-testid="problems">
          <h4 className={styles.subheading}>{words.notRead}</h4>
          <ul className={styles.plain}>
            {problems.map(({ line, error }) => (
              <li key={`${line} ${error.message}`}>
                <span className={styles.dim}>{words.line(count(line))}</span>{' '}
                <span lang="en">{`${error.message} ${error.remedy}`}</span>
              </li>
            ))}
          </ul>
          {totalProblems > problems.length && (
            <p className={styles.dim}>
              {words.moreProblems(count(totalProblems - problems.length))}
            </p>
          )}
        </div>
      )}
    </div>
  );
}

const VERDICT_SEVERITY = { accepted: 'success', refused: 'error', unchecked: 'info' } as const;

/** What CSS would do with a push that uses a URL, as `breakwatch url check` says it. */
function CheckedUrl({ url, strings }: { url: NonNullable<Explained['url']>; strings: Strings }) {
  const styles = useStyles2(getStyles);
  const words = LOOKUP_STRINGS[strings.lang].url;
  const [timeZone] = useTimeZone();
  const { protocol, domain, app, stream, expiresAt, checkedAt, refusals, warnings } = url;
  const span = (ms: number) => formatSpan(ms, strings.lang);
  const time = (at: number) =>
    `${dateTimeFormat(at, { timeZone, format: 'YYYY-MM-DD HH:mm:ss' })} ${formatOffset(timeZone, at)}`;
  const expiry =
    expiresAt === null
      ? words.noExpiry
      : expiresAt > checkedAt
        ? words.expiresIn(time(expiresAt), span(expiresAt - checkedAt))
        : words.expiredSince(time(expiresAt), span(checkedAt - expiresAt));
  return (
    <div data-testid="checked-url" data-verdict={url.verdict}>
      <Alert
        bottomSpacing={0}
        severity={VERDICT_SEVERITY[url.verdict]}
        title={words.verdict[url.verdict]}
      >
        {words.noCheck}
      </Alert>
      <DetailRows
        rows={[
          [
            protocol,
            <>
              {showInvisible(domain)} <strong>{showInvisible(`${app}/${stream}`)}</strong>
            </>,
          ],
          [words.expires, expiry],
          ['txSecret', words.secretMatches[url.secretMatches]],
          [
            words.here,
            refusals.length > 0 && (
              <ul className={styles.plain}>
                {refusals.map(({ code, problem }) => (
                  <li key={`${code} ${problem}`}>
                    <code>{code}</code> <span>{showInvisible(problem)}</span>
                  </li>
                ))}
              </ul>
            ),
          ],
          [
            words.warnings,
            warnings.length > 0 && (
              <ul className={styles.plain}>
                {warnings.map(({ id, text }) => (
                  <li key={text}>
                    {isOneOf(URL_WARNINGS, id) && <strong>{words.warning[id]}: </strong>}
                    <span>{showInvisible(text)}</span>
                  </li>
                ))}
              </ul>
            ),
          ],
        ]}
      />
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  ...getCardStyles(theme),
  result: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  heading: css({ ...theme.typography.h4, margin: 0 }),
  subheading: css({ ...theme.typography.h6, margin: theme.spacing(0, 0, 0.5) }),
  plain: css({ listStyle: 'none', margin: 0, padding: 0, overflowWrap: 'anywhere' }),
});
