import { Badge, useStyles2 } from '@grafana/ui';
import type { CheckedEdit, ShownRule } from '../../contract/rules.ts';
import { RULES_STRINGS } from '../words/rules-words.ts';
import type { Strings } from '../words/strings.ts';
import { getCardStyles } from './card-parts.tsx';

interface RuleTestsProps {
  tests: ShownRule['tests'] | CheckedEdit['tests'];
  strings: Strings;
}

/** The tests of a rule with their results. */
export function RuleTests({ tests, strings }: RuleTestsProps) {
  const styles = useStyles2(getCardStyles);
  const words = RULES_STRINGS[strings.lang];
  if (tests.length === 0) {
    return <p className={styles.dim}>{words.noTests}</p>;
  }
  return (
    <ul className={styles.list} data-testid="tests">
      {tests.map(({ name, expected, winner, holds, ...rest }) => (
        <li key={name}>
          <div className={styles.line}>
            <Badge
              color={holds ? 'green' : 'red'}
              icon={holds ? 'check' : 'times'}
              text={holds ? words.holds : words.fails(winner)}
            />
            <span>{name}</span>
            <span className={styles.dim}>
              →{' '}
              {expected === 'match' || expected === 'no-match' ? words.expects[expected] : expected}
            </span>
          </div>
          {'given' in rest && <p className={styles.dim}>{rest.given.join(' · ')}</p>}
        </li>
      ))}
    </ul>
  );
}
