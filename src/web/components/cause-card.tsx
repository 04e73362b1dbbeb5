import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { TextLink, useStyles2 } from '@grafana/ui';
import { type ReactNode, useState } from 'react';
import type { ExplainedCause } from '../../contract/explain.ts';
import { showInvisible } from '../../model/card/segments.ts';
import {
  describeEvidence,
  describeFact,
  labelOfFact,
  titledEvidence,
} from '../../model/describe-fact.ts';
import type { Evidence } from '../../model/diagnosis.ts';
import { GROUND_WORDS } from '../../model/ground-words.ts';
import { CATEGORY_COLOURS } from '../../model/vocabulary.ts';
import { lookupAddress } from '../state/lookup.ts';
import { ruleAddress } from '../state/place.ts';
import { showTimes } from '../state/show-times.ts';
import { useTimeZone } from '../state/use-time-zone.ts';
import { formatCount } from '../words/format.ts';
import { LOOKUP_STRINGS } from '../words/lookup-words.ts';
import { retryWords } from '../words/retry-words.ts';
import type { Strings } from '../words/strings.ts';
import { CauseBadges, DetailRows, DetailsButton, getCardStyles } from './card-parts.tsx';
import { ConditionList } from './condition-list.tsx';
import { FactLink } from './fact-link.tsx';
import { PageLink } from './page-link.tsx';

interface CauseCardProps {
  cause: ExplainedCause;
  /** Whether the details are open at first. */
  isOpen: boolean;
  strings: Strings;
}

/** One cause of a lookup: why, what to do, how certain, and by which rule. */
export function CauseCard({ cause, isOpen, strings }: CauseCardProps) {
  const styles = useStyles2(getStyles);
  const words = LOOKUP_STRINGS[strings.lang];
  const [open, setOpen] = useState(isOpen);
  const [timeZone] = useTimeZone();
  const { code, title, category, severity, side, retry, fix, verdict, count } = cause;
  return (
    <li
      className={styles.card}
      style={{ borderLeftColor: CATEGORY_COLOURS[category] }}
      data-testid="cause"
      data-rule={verdict?.rule?.id}
    >
      <div className={styles.line}>
        {code !== '' && <code>{code}</code>}
        <strong className={styles.title}>{showInvisible(title)}</strong>
        {count > 1 && (
          <span className={styles.dim}>{words.times(formatCount(count, strings.lang))}</span>
        )}
        <span className={styles.badges}>
          <CauseBadges severity={severity} category={category} strings={strings} />
        </span>
      </div>
      <p className={styles.cause}>{showTimes(showInvisible(cause.cause), timeZone)}</p>
      <ol className={styles.steps}>
        {fix.map((step) => (
          <li key={step}>{showTimes(showInvisible(step), timeZone)}</li>
        ))}
      </ol>
      <div className={styles.line}>
        <span className={styles.dim}>
          {[
            strings.side[side],
            verdict && strings.confidence[verdict.confidence],
            verdict && strings.outcome[verdict.outcome],
            retryWords(retry, strings),
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
        {verdict && (
          <DetailsButton open={open} label={strings.details} onToggle={() => setOpen(!open)} />
        )}
      </div>
      {open && verdict && (
        <Details cause={cause} verdict={verdict} timeZone={timeZone} strings={strings} />
      )}
    </li>
  );
}

interface DetailsProps {
  cause: ExplainedCause;
  verdict: NonNullable<ExplainedCause['verdict']>;
  timeZone: 'browser' | 'utc';
  strings: Strings;
}

function Details({ cause, verdict, timeZone, strings }: DetailsProps) {
  const styles = useStyles2(getStyles);
  const { lang } = strings;
  const words = LOOKUP_STRINGS[lang];
  const { rule, evidence, alternates, notChecked, runbook, confidence, ground } = verdict;
  const labels = (facts: readonly string[]) =>
    facts.map((fact) => labelOfFact(fact, lang)).join(', ');
  // The id of a reason says less than its title.
  const titled = (item: Evidence) =>
    titledEvidence(item.fact === 'reason' ? { ...item, title: cause.title } : item);
  const rows: [string, ReactNode][] = [
    [words.confidence, `${strings.confidence[confidence]}: ${GROUND_WORDS[ground][lang]}`],
    [
      words.winner,
      rule === null ? (
        words.fallback
      ) : (
        <>
          <PageLink to={ruleAddress(rule.id)} className={styles.link}>
            {rule.name}
          </PageLink>{' '}
          <code className={styles.dim}>{rule.id}</code>
        </>
      ),
    ],
    [words.when, rule && <ConditionList lines={rule.conditions} language={lang} />],
    [
      strings.evidence,
      evidence.length > 0 && (
        <ul className={styles.plain}>
          {evidence.map((item) => (
            <li key={item.fact}>
              <FactLink fact={item.fact} value={item.value}>
                {showTimes(describeEvidence(titled(item), lang), timeZone)}
              </FactLink>
            </li>
          ))}
        </ul>
      ),
    ],
    [strings.notChecked, labels(notChecked)],
    [
      strings.couldAlsoBe,
      alternates.length > 0 && (
        <ul className={styles.plain}>
          {alternates.map(({ id, kind, title, missing }) => (
            <li key={`${kind} ${id}`}>
              <PageLink
                to={kind === 'rule' ? ruleAddress(id) : lookupAddress(id)}
                className={styles.link}
              >
                {title}
              </PageLink>
              {missing.length > 0 && (
                <span className={styles.dim}> {words.ifKnown(labels(missing))}</span>
              )}
            </li>
          ))}
        </ul>
      ),
    ],
    [
      strings.runbook,
      <TextLink key="runbook" href={`/runbooks/${runbook}?lang=${lang}`} external inline={false}>
        {runbook}
      </TextLink>,
    ],
    [
      words.read,
      <ul key="facts" className={styles.plain}>
        {Object.entries(cause.facts).map(([fact, value]) => (
          <li key={fact}>
            <FactLink fact={fact} value={value}>
              {showTimes(describeFact(fact, titled({ fact, value }).value, lang), timeZone)}
            </FactLink>{' '}
            <code className={styles.dim}>{fact}</code>
          </li>
        ))}
      </ul>,
    ],
  ];
  return <DetailRows rows={rows} />;
}

const getStyles = (theme: GrafanaTheme2) => ({
  ...getCardStyles(theme),
  title: css({ overflowWrap: 'anywhere' }),
  link: css({ color: theme.colors.text.link }),
  steps: css({ margin: theme.spacing(0.5, 0), paddingLeft: theme.spacing(2.5) }),
  plain: css({ listStyle: 'none', margin: 0, padding: 0 }),
});
