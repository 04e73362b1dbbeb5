import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import type { RuleCoverage } from '../../contract/rules.ts';
import { ruleAddress } from '../state/place.ts';
import { formatCount } from '../words/format.ts';
import { RULES_STRINGS } from '../words/rules-words.ts';
import type { Strings } from '../words/strings.ts';
import { DetailRows, DetailsButton, getCardStyles } from './card-parts.tsx';
import { PageLink } from './page-link.tsx';

interface RulesCoverageProps {
  strings: Strings;
  /** Null until it is known. */
  coverage: RuleCoverage | null;
  /** Number of rules without a hit; null when it is not known. */
  unused: number | null;
}

/** What has a rule and what has none. */
export function RulesCoverage({ strings, coverage, unused }: RulesCoverageProps) {
  const styles = useStyles2(getStyles);
  const [open, setOpen] = useState(false);
  const words = RULES_STRINGS[strings.lang];
  const count = (number: number) => formatCount(number, strings.lang);
  if (!coverage) {
    return (
      <section className={styles.box} aria-label={words.coverage} aria-busy="true">
        <strong>{words.coverage}</strong> …
      </section>
    );
  }
  const { reasons, codes, texts, tests } = coverage;
  const parts = { reasons, codes, texts };
  const missing = [...reasons.missing, ...codes.missing, ...texts.missing];
  const isMore = missing.length > 0 || tests.rulesWithoutWin.length > 0;
  return (
    <section className={styles.box} aria-label={words.coverage} data-testid="coverage">
      <div className={styles.line}>
        <strong>{words.coverage}</strong>
        {(['reasons', 'codes', 'texts'] as const).map((part) => (
          <span key={part}>
            {words.covered[part](
              count(parts[part].total - parts[part].missing.length),
              count(parts[part].total),
            )}
          </span>
        ))}
        <span>{words.testsHold(count(tests.total - tests.failed), count(tests.total))}</span>
        {unused !== null && <span>{words.unusedCount(count(unused))}</span>}
        {isMore && (
          <DetailsButton open={open} label={strings.details} onToggle={() => setOpen(!open)} />
        )}
      </div>
      {open && (
        <DetailRows
          rows={[
            [words.without, missing.join(', ')],
            [
              words.neverWon,
              tests.rulesWithoutWin.length > 0 &&
                tests.rulesWithoutWin.map((id) => (
                  <span key={id}>
                    <PageLink to={ruleAddress(id)}>{id}</PageLink>{' '}
                  </span>
                )),
            ],
          ]}
        />
      )}
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  ...getCardStyles(theme),
  box: css({
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(1, 1.5),
    '& a': { color: theme.colors.text.link },
  }),
});
