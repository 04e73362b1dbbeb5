import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, LoadingBar, useStyles2 } from '@grafana/ui';
import { type ReactNode, useRef, useState } from 'react';
import type { ShownRule } from '../../contract/rules.ts';
import { formatSpan, parseDuration } from '../../model/time.ts';
import { fetchRule } from '../state/fetch-rules.ts';
import { ruleAddress } from '../state/place.ts';
import { rulesAddress } from '../state/rules-view.ts';
import { useAnswer } from '../state/use-answer.ts';
import { readDraft } from '../state/use-draft.ts';
import { formatCount } from '../words/format.ts';
import { retryWords } from '../words/retry-words.ts';
import { RULES_STRINGS } from '../words/rules-words.ts';
import { STRINGS, type Strings } from '../words/strings.ts';
import { DetailRows, getCardStyles } from './card-parts.tsx';
import { ConditionList } from './condition-list.tsx';
import { LatestWins } from './latest-wins.tsx';
import type { PageProps } from './page-frame.tsx';
import { PageLink } from './page-link.tsx';
import { RuleBadges } from './rule-badges.tsx';
import { RuleTests } from './rule-tests.tsx';
import { RunbookText } from './runbook-text.tsx';
import { Shell } from './shell.tsx';
import { TryEdit } from './try-edit.tsx';

/** One rule: when it applies, what it says, its tests, where it won, and its runbook. */
export function RulePage({ id, ...props }: PageProps & { id: string }) {
  const { language } = props;
  const styles = useStyles2(getStyles);
  const strings = STRINGS[language];
  const words = RULES_STRINGS[language];
  const { value, error } = useAnswer(
    (signal) => fetchRule(id, language, signal),
    `${language} ${id}`,
  );
  // Until the other language arrives, so that nothing that is open closes.
  const last = useRef<ShownRule | null>(null);
  last.current = value ?? (last.current?.id === id ? last.current : null);
  const rule = last.current;
  return (
    <Shell title={rule?.name ?? id} {...props}>
      <PageLink to={rulesAddress()} className={styles.link}>
        ← {words.allRules}
      </PageLink>
      {error !== null && (
        <Alert bottomSpacing={0} severity="warning" title={id}>
          {words.unknownRule}
        </Alert>
      )}
      {rule === null && error === null && <LoadingBar width={320} />}
      {rule !== null && <Details key={rule.id} rule={rule} strings={strings} />}
    </Shell>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  const styles = useStyles2(getStyles);
  return (
    <section className={styles.box}>
      <h3 className={styles.subheading}>{title}</h3>
      {children}
    </section>
  );
}

function Details({ rule, strings }: { rule: ShownRule; strings: Strings }) {
  const styles = useStyles2(getStyles);
  const words = RULES_STRINGS[strings.lang];
  const [isTrying, setTrying] = useState(() => readDraft(rule.id) !== null);
  return (
    <>
      <div>
        <div className={styles.line}>
          <h2 className={styles.heading}>{rule.name}</h2>
          <RuleBadges rule={rule} strings={strings} />
        </div>
        <code className={styles.dim}>{rule.id}</code>
        {rule.description && <p className={styles.cause}>{rule.description}</p>}
      </div>
      <Section title={words.when}>
        <ConditionList lines={rule.conditions} language={strings.lang} />
      </Section>
      <Section title={words.conclusion}>
        <p className={styles.cause}>{rule.cause}</p>
        <strong>{words.fixSteps}</strong>
        <ol className={styles.steps}>
          {rule.fix.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        <Facts rule={rule} strings={strings} />
      </Section>
      <Section title={words.tests}>
        <RuleTests tests={rule.tests} strings={strings} />
      </Section>
      <Section title={words.trial.title}>
        {isTrying ? (
          <TryEdit name={rule.id} source={rule.source} strings={strings} />
        ) : (
          <Button variant="secondary" onClick={() => setTrying(true)}>
            {words.trial.open}
          </Button>
        )}
      </Section>
      <Section title={words.latest}>
        <LatestWins rule={rule.id} strings={strings} />
      </Section>
      <Section title={words.competes}>
        <Rivals rule={rule} strings={strings} />
      </Section>
      <Section title={strings.runbook}>
        <RunbookText name={rule.runbook} strings={strings} />
      </Section>
    </>
  );
}

function Facts({ rule, strings }: { rule: ShownRule; strings: Strings }) {
  const words = RULES_STRINGS[strings.lang];
  const { retry, alert } = rule;
  const span = (text: string) => formatSpan(parseDuration(text) ?? 0, strings.lang);
  const rows: [string, string][] = [
    [words.side, strings.side[rule.side]],
    [words.retry, retryWords(retry, strings)],
    [
      words.alertWhen,
      alert
        ? strings.alertCondition(
            alert.threshold,
            alert.groupBy.map((name) => strings.groupNames[name]).join(' + '),
            span(alert.window),
            alert.for && alert.for !== '0s' ? span(alert.for) : null,
          )
        : words.noAlert,
    ],
    [words.shows, rule.evidence.map(({ label }) => label).join(', ')],
    [words.upTo, rule.confidence ? strings.confidence[rule.confidence] : ''],
    [words.priority, formatCount(rule.priority, strings.lang)],
    [words.file, [rule.file, rule.patch].filter(Boolean).join(' + ')],
  ];
  return <DetailRows rows={rows} />;
}

function Rivals({ rule, strings }: { rule: ShownRule; strings: Strings }) {
  const styles = useStyles2(getStyles);
  const words = RULES_STRINGS[strings.lang];
  const { total, rules } = rule.competes;
  if (total === 0) {
    return <p className={styles.dim}>{words.alone}</p>;
  }
  return (
    <>
      <p className={styles.dim}>{words.competesHint}</p>
      <ul className={styles.steps} data-testid="competes">
        {rules.map(({ id, name, isBefore }) => (
          <li key={id}>
            <PageLink to={ruleAddress(id)} className={styles.link}>
              {name}
            </PageLink>{' '}
            <span className={styles.dim}>
              <code>{id}</code> · {isBefore ? words.before : words.after}
            </span>
          </li>
        ))}
      </ul>
      {total > rules.length && (
        <p className={styles.dim}>
          {words.andMore(formatCount(total - rules.length, strings.lang))}
        </p>
      )}
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  ...getCardStyles(theme),
  heading: css({ ...theme.typography.h3, margin: 0 }),
  subheading: css({ ...theme.typography.h5, margin: theme.spacing(0, 0, 1) }),
  link: css({ color: theme.colors.text.link }),
  box: css({
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(1.5),
    '& a': { color: theme.colors.text.link },
  }),
  steps: css({ margin: theme.spacing(0.5, 0, 0), paddingLeft: theme.spacing(2.5) }),
});
