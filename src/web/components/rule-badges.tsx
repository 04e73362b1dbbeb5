import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Badge, useStyles2 } from '@grafana/ui';
import type { RuleSummary } from '../../contract/rules.ts';
import { originOf } from '../state/select-rules.ts';
import { RULES_STRINGS } from '../words/rules-words.ts';
import type { Strings } from '../words/strings.ts';
import { CauseBadges } from './card-parts.tsx';

/** Severity, category and origin of a rule. A shipped rule, the usual case, has no badge of its origin. */
export function RuleBadges({ rule, strings }: { rule: RuleSummary; strings: Strings }) {
  const styles = useStyles2(getStyles);
  const words = RULES_STRINGS[strings.lang];
  const origin = originOf(rule);
  return (
    <span className={styles.badges}>
      <CauseBadges severity={rule.severity} category={rule.category} strings={strings} />
      {origin !== 'shipped' && (
        <Badge
          color={origin === 'own' ? 'green' : 'purple'}
          text={rule.replacesShipped ? words.origin.replaced : words.origin[origin]}
          {...(rule.patch === null ? {} : { tooltip: rule.patch })}
        />
      )}
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  badges: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(0.5) }),
  category: css({
    border: '1px solid',
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(0, 0.75),
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
