import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { TextLink, useStyles2 } from '@grafana/ui';
import { describeEvidence } from '../../model/render-template.ts';
import { formatSpan } from '../../model/time.ts';
import type { ShownBreak } from '../state/api.ts';
import type { Strings } from '../words/strings.ts';
import { BreakEvidence } from './break-evidence.tsx';
import { getCardStyles } from './card-styles.ts';

/** The proof behind a verdict: facts, what could not be checked, other causes, and the whole fix. */
export function BreakDetails({ shown, strings }: { shown: ShownBreak; strings: Strings }) {
  const styles = useStyles2(getStyles);
  const { diagnosis } = shown;
  const said = [shown.facts.code, shown.reasonText]
    .filter((part) => part !== undefined && part !== null && part !== '')
    .join(' ');
  const rows: [string, React.ReactNode][] = [
    ['CSS', said || '-'],
    [
      strings.proof,
      <ul key="proof" className={styles.list}>
        {diagnosis.evidence.map((item) => (
          <li key={item.fact}>
            {describeEvidence(item)} <code className={styles.dim}>{item.fact}</code>
          </li>
        ))}
      </ul>,
    ],
    [
      strings.doNow,
      <ol key="fix" className={styles.list}>
        {diagnosis.fix.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>,
    ],
    [strings.notChecked, diagnosis.notChecked.join(', ')],
    [strings.couldAlsoBe, diagnosis.alternates.map((other) => other.id).join(', ')],
    [
      strings.rule,
      <span key="rule">
        <code>{diagnosis.rule}</code>{' '}
        <span className={styles.dim}>
          {diagnosis.ruleHash} · {strings.confidence[diagnosis.confidence]} ({diagnosis.ground})
        </span>
      </span>,
    ],
    [
      strings.runbook,
      <TextLink key="runbook" href={`/runbooks/${diagnosis.runbook}.md`} external inline={false}>
        {diagnosis.runbook}
      </TextLink>,
    ],
    ['IP', shown.clientIp],
    ['node', shown.node],
    ['sequence', shown.sequence],
    [
      '',
      shown.outcome === 'refused'
        ? strings.neverStarted
        : shown.durationMs === null
          ? null
          : strings.liveFor(formatSpan(shown.durationMs, strings.lang)),
    ],
    [strings.evidence.breakId, <code key="id">{shown.id}</code>],
  ];
  return (
    <>
      <dl className={styles.grid}>
        {rows
          .filter(([, value]) => value !== null && value !== '')
          .map(([label, value]) => (
            <div key={label} className={styles.row}>
              <dt className={styles.dim}>{label}</dt>
              <dd className={styles.value}>{value}</dd>
            </div>
          ))}
      </dl>
      <BreakEvidence breakId={shown.id} strings={strings.evidence} />
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  ...getCardStyles(theme),
  list: css({ margin: 0, paddingLeft: theme.spacing(2) }),
});
