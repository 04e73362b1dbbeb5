import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { TextLink, useStyles2 } from '@grafana/ui';
import { showInvisible } from '../../model/card/segments.ts';
import { describeEvidence, labelOfFact, titledEvidence } from '../../model/describe-fact.ts';
import { GROUND_WORDS } from '../../model/ground-words.ts';
import { formatSpan } from '../../model/time.ts';
import type { ShownBreak } from '../state/api.ts';
import { lookupAddress } from '../state/lookup.ts';
import { ruleAddress } from '../state/place.ts';
import { showTimes } from '../state/show-times.ts';
import type { Strings } from '../words/strings.ts';
import { BreakEvidence } from './break-evidence.tsx';
import { DetailRows, getCardStyles } from './card-parts.tsx';
import { FactLink } from './fact-link.tsx';
import { PageLink } from './page-link.tsx';

interface BreakDetailsProps {
  shown: ShownBreak;
  strings: Strings;
  timeZone: 'browser' | 'utc';
}

/** Details of a diagnosis: evidence, all steps of the fix, unchecked facts, other possible causes. */
export function BreakDetails({ shown, strings, timeZone }: BreakDetailsProps) {
  const styles = useStyles2(getStyles);
  const { diagnosis } = shown;
  const code = shown.facts.code ?? shown.facts.bypassCode;
  const text = showInvisible(shown.reasonText ?? '');
  const rows: [string, React.ReactNode][] = [
    [
      'CSS',
      <span key="reported">
        {code !== undefined && (
          <FactLink fact="code" value={code}>
            {String(code)}
          </FactLink>
        )}{' '}
        {code === undefined && text === '' ? '-' : text}
      </span>,
    ],
    [
      strings.evidence,
      <ul key="evidence" className={styles.list}>
        {diagnosis.evidence.map((item) => (
          <li key={item.fact}>
            <FactLink fact={item.fact} value={item.value}>
              {showTimes(describeEvidence(titledEvidence(item), strings.lang), timeZone)}
            </FactLink>{' '}
            <code className={styles.dim}>{item.fact}</code>
          </li>
        ))}
      </ul>,
    ],
    [
      strings.doNow,
      <ol key="fix" className={styles.list}>
        {diagnosis.fix.map((step) => (
          <li key={step}>{showTimes(step, timeZone)}</li>
        ))}
      </ol>,
    ],
    [
      strings.notChecked,
      diagnosis.notChecked.length > 0 && (
        <ul key="unchecked" className={styles.list}>
          {diagnosis.notChecked.map((fact) => (
            <li key={fact}>
              {labelOfFact(fact, strings.lang)} <code className={styles.dim}>{fact}</code>
            </li>
          ))}
        </ul>
      ),
    ],
    [
      strings.couldAlsoBe,
      diagnosis.alternates.length > 0 && (
        <ul key="alternates" className={styles.list}>
          {diagnosis.alternates.map(({ id, kind, title }) => (
            <li key={`${kind} ${id}`}>
              <PageLink
                to={kind === 'rule' ? ruleAddress(id) : lookupAddress(id)}
                className={styles.link}
              >
                {title ?? id}
              </PageLink>
              {title !== undefined && (
                <>
                  {' '}
                  <code className={styles.dim}>{id}</code>
                </>
              )}
            </li>
          ))}
        </ul>
      ),
    ],
    [
      strings.rule,
      <span key="rule">
        <PageLink to={ruleAddress(diagnosis.rule)} className={styles.link}>
          {diagnosis.rule}
        </PageLink>{' '}
        <span className={styles.dim}>
          {diagnosis.ruleHash} · {strings.confidence[diagnosis.confidence]}:{' '}
          {GROUND_WORDS[diagnosis.ground][strings.lang]}
        </span>
      </span>,
    ],
    [
      strings.runbook,
      <TextLink
        key="runbook"
        href={`/runbooks/${diagnosis.runbook}?lang=${strings.lang}`}
        external
        inline={false}
      >
        {diagnosis.runbook}
      </TextLink>,
    ],
    [strings.clientIp, showInvisible(shown.clientIp ?? '')],
    [strings.node, showInvisible(shown.node ?? '')],
    ['sequence', showInvisible(shown.sequence ?? '')],
    [
      strings.pushDuration,
      shown.outcome === 'refused'
        ? strings.neverLive
        : shown.durationMs === null
          ? null
          : formatSpan(shown.durationMs, strings.lang),
    ],
    [strings.breakId, <code key="id">{shown.id}</code>],
  ];
  return (
    <>
      <DetailRows rows={rows} />
      <BreakEvidence breakId={shown.id} strings={strings} />
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  ...getCardStyles(theme),
  list: css({ margin: 0, paddingLeft: theme.spacing(2) }),
  link: css({ color: theme.colors.text.link }),
});
