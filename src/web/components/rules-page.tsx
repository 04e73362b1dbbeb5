import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, FilterInput, InlineSwitch, LoadingBar, useStyles2 } from '@grafana/ui';
import { useMemo, useState } from 'react';
import type { RuleSummary } from '../../contract/rules.ts';
import { CATEGORIES, CATEGORY_COLOURS, SEVERITIES } from '../../model/vocabulary.ts';
import { fetchCoverage, fetchHits, fetchRules, type HitsByRule } from '../state/fetch-rules.ts';
import { ruleAddress } from '../state/place.ts';
import { useRulesView } from '../state/rules-view.ts';
import {
  ALL_RULES,
  ORIGINS,
  RULE_ORDERS,
  type RuleSelection,
  selectRules,
} from '../state/select-rules.ts';
import { useAnswer } from '../state/use-answer.ts';
import { readDraft } from '../state/use-draft.ts';
import { useTimeZone } from '../state/use-time-zone.ts';
import { formatCount } from '../words/format.ts';
import { RULES_STRINGS } from '../words/rules-words.ts';
import { STRINGS, type Strings } from '../words/strings.ts';
import { getCardStyles } from './card-parts.tsx';
import type { PageProps } from './page-frame.tsx';
import { PageLink } from './page-link.tsx';
import { RuleBadges } from './rule-badges.tsx';
import { RulesCoverage } from './rules-coverage.tsx';
import { Select } from './select.tsx';
import { Shell } from './shell.tsx';
import { TryEdit } from './try-edit.tsx';

/** Rules at first, and those that "Show more" adds. */
const PAGE = 100;
const DAY_MS = 86_400_000;
/** Under this name, the draft of a new rule is kept. */
const NEW_RULE = '';

/** Every rule in force: what it says, where it comes from, how often it won. */
export function RulesPage(props: PageProps) {
  const { language } = props;
  const styles = useStyles2(getStyles);
  const strings = STRINGS[language];
  const words = RULES_STRINGS[language];
  const [selection, onSelection] = useRulesView();
  const [rows, setRows] = useState(PAGE);
  const [isTrying, setTrying] = useState(() => readDraft(NEW_RULE) !== null);
  const { value: list, error } = useAnswer((signal) => fetchRules(language, signal), language);
  const count = list?.rules.length ?? 0;
  const hits = useAnswer((signal) => fetchHits(count, signal), list?.set ?? null);
  const coverage = useAnswer(fetchCoverage, list?.set ?? null);
  const counted = hits.value?.hits ?? null;
  const rules = useMemo(
    () => selectRules(list?.rules ?? [], selection, counted),
    [list, selection, counted],
  );
  const unused = counted && list ? list.rules.filter(({ id }) => !counted.has(id)).length : null;
  return (
    <Shell title={words.rules} {...props}>
      <h2 className={styles.heading}>{words.rules}</h2>
      <p className={styles.dim}>{words.intro}</p>
      {error !== null && (
        <Alert bottomSpacing={0} severity="warning" title={words.failed}>
          {error}
        </Alert>
      )}
      {isTrying ? (
        <section className={styles.box} aria-label={words.trial.title}>
          <h3 className={styles.subheading}>{words.trial.title}</h3>
          <TryEdit name={NEW_RULE} source="" strings={strings} />
        </section>
      ) : (
        <div>
          <Button variant="secondary" onClick={() => setTrying(true)}>
            {words.trial.openNew}
          </Button>
        </div>
      )}
      <RulesCoverage strings={strings} coverage={coverage.value} unused={unused} />
      {hits.error !== null && <p className={styles.dim}>{`${words.hitsUnknown}: ${hits.error}`}</p>}
      <Filters
        strings={strings}
        selection={selection}
        onChange={(change) => {
          onSelection(change);
          setRows(PAGE);
        }}
      />
      {list === null && error === null && (
        <output>
          <LoadingBar width={320} />
          {words.loading}
        </output>
      )}
      {list !== null && (
        <>
          <output className={styles.dim}>
            {words.shown(formatCount(rules.length, language), formatCount(count, language))}
          </output>
          {rules.length === 0 && (
            <div className={styles.empty}>
              <p>{count === 0 ? words.noRules : words.noRuleMatches}</p>
              {count > 0 && (
                <Button variant="secondary" onClick={() => onSelection(ALL_RULES)}>
                  {words.clear}
                </Button>
              )}
            </div>
          )}
          <ol className={styles.list} data-testid="rules">
            {rules.slice(0, rows).map((rule) => (
              <RuleRow key={rule.id} rule={rule} hits={hits.value} strings={strings} />
            ))}
          </ol>
          {rules.length > rows && (
            <Button variant="secondary" onClick={() => setRows(rows + PAGE)}>
              {strings.showMore}
            </Button>
          )}
        </>
      )}
    </Shell>
  );
}

interface FiltersProps {
  strings: Strings;
  selection: RuleSelection;
  onChange: (change: Partial<RuleSelection>) => void;
}

function Filters({ strings, selection, onChange }: FiltersProps) {
  const styles = useStyles2(getStyles);
  const words = RULES_STRINGS[strings.lang];
  return (
    <div className={styles.filters}>
      <div className={styles.search}>
        <FilterInput
          escapeRegex={false}
          value={selection.search}
          placeholder={words.searchRules}
          aria-label={words.searchRules}
          onChange={(search) => onChange({ search })}
        />
      </div>
      <Select
        label={strings.categories}
        value={selection.category}
        options={[
          { value: '', label: words.allCategories },
          ...CATEGORIES.map((value) => ({ value, label: strings.category[value] })),
        ]}
        onChange={(category) => onChange({ category })}
      />
      <Select
        label={strings.groupNames.severity}
        value={selection.severity}
        options={[
          { value: '', label: words.allSeverities },
          ...SEVERITIES.map((value) => ({ value, label: strings.severity[value] })),
        ]}
        onChange={(severity) => onChange({ severity })}
      />
      <Select
        label={words.origins}
        value={selection.origin}
        options={[
          { value: '', label: words.allOrigins },
          ...ORIGINS.map((value) => ({ value, label: words.origin[value] })),
        ]}
        onChange={(origin) => onChange({ origin })}
      />
      <Select
        label={words.sort}
        value={selection.order}
        options={RULE_ORDERS.map((value) => ({ value, label: words.sortBy[value] }))}
        onChange={(order) => onChange({ order })}
      />
      <InlineSwitch
        id="unused"
        label={words.onlyUnused}
        showLabel
        value={selection.unused}
        onChange={({ currentTarget }) => onChange({ unused: currentTarget.checked })}
      />
    </div>
  );
}

interface RuleRowProps {
  rule: RuleSummary;
  hits: HitsByRule | null;
  strings: Strings;
}

function RuleRow({ rule, hits, strings }: RuleRowProps) {
  const styles = useStyles2(getStyles);
  const words = RULES_STRINGS[strings.lang];
  const [timeZone] = useTimeZone();
  const own = hits?.hits.get(rule.id);
  const format = hits && hits.stepMs >= DAY_MS ? 'MM-DD' : 'MM-DD HH:mm';
  return (
    <li
      className={styles.card}
      style={{ borderLeftColor: CATEGORY_COLOURS[rule.category] }}
      data-testid="rule"
      data-rule={rule.id}
    >
      <div className={styles.line}>
        <PageLink to={ruleAddress(rule.id)} className={styles.name}>
          {rule.name}
        </PageLink>
        <code className={styles.dim}>{rule.id}</code>
        <span className={styles.right}>
          <RuleBadges rule={rule} strings={strings} />
        </span>
      </div>
      <p className={styles.words}>{rule.cause}</p>
      {hits && (
        <span className={styles.dim}>
          {words.hits(own?.count ?? 0, formatCount(own?.count ?? 0, strings.lang))}
          {own && ` · ${words.lastHit(dateTimeFormat(own.last, { timeZone, format }))}`}
        </span>
      )}
    </li>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  ...getCardStyles(theme),
  heading: css({ ...theme.typography.h3, margin: 0 }),
  subheading: css({ ...theme.typography.h5, margin: theme.spacing(0, 0, 1) }),
  box: css({
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(1.5),
  }),
  filters: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), alignItems: 'center' }),
  search: css({ flex: '1 1 240px' }),
  empty: css({ padding: theme.spacing(3, 1), textAlign: 'center' }),
  name: css({ fontWeight: 500, color: theme.colors.text.link }),
  right: css({ marginLeft: 'auto', [theme.breakpoints.down('sm')]: { marginLeft: 0 } }),
  words: css({ margin: theme.spacing(0.5, 0) }),
});
