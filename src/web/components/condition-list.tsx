import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { ShownRule } from '../../contract/rules.ts';
import type { Language } from '../../model/vocabulary.ts';
import { RULES_STRINGS } from '../words/rules-words.ts';

type Line = ShownRule['conditions'][number];

/** A line with the lines below it. */
interface Branch {
  line: Line;
  /** Its place among all lines, which does not change. */
  place: number;
  parts: Branch[];
}

/** Turns lines with depths into a tree. */
function branchesOf(lines: readonly Line[]): Branch[] {
  const top: Branch[] = [];
  const above: Branch[] = [];
  for (const [place, line] of lines.entries()) {
    const branch = { line, place, parts: [] };
    above.length = line.depth;
    (above.at(-1)?.parts ?? top).push(branch);
    above.push(branch);
  }
  return top;
}

/** Conditions of a rule in words, as nested lists. */
export function ConditionList(props: { lines: readonly Line[]; language: Language }) {
  const styles = useStyles2(getStyles);
  return (
    <ul className={styles.list} data-testid="conditions">
      {branchesOf(props.lines).map((branch) => (
        <Part key={branch.place} branch={branch} language={props.language} />
      ))}
    </ul>
  );
}

function Part({ branch, language }: { branch: Branch; language: Language }) {
  const styles = useStyles2(getStyles);
  const { line, parts } = branch;
  if (line.kind === 'is') {
    return (
      <li>
        {line.words} <code className={styles.fact}>{line.fact}</code>
      </li>
    );
  }
  return (
    <li>
      <em>{RULES_STRINGS[language].join[line.kind]}</em>
      <ul className={styles.list}>
        {parts.map((part) => (
          <Part key={part.place} branch={part} language={language} />
        ))}
      </ul>
    </li>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ margin: 0, paddingLeft: theme.spacing(2.5) }),
  fact: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    overflowWrap: 'anywhere',
  }),
});
