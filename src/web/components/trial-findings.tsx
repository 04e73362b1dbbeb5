import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Badge, Button, useStyles2 } from '@grafana/ui';
import type { CheckedEdit } from '../../contract/rules.ts';
import { downloadText } from '../state/download-text.ts';
import { RULES_STRINGS } from '../words/rules-words.ts';
import type { Strings } from '../words/strings.ts';
import { RuleTests } from './rule-tests.tsx';
import { getTableStyles } from './table-styles.ts';

interface TrialFindingsProps {
  checked: CheckedEdit;
  strings: Strings;
  /** Shows a place in the text; line and column from 1. */
  onPlace: (line: number, column: number) => void;
}

/** What an edit changes in its rule, what lint and tests say about it, and the edit as a file. */
export function TrialFindings({ checked, strings, onPlace }: TrialFindingsProps) {
  const styles = useStyles2(getStyles);
  const words = RULES_STRINGS[strings.lang];
  const { findings, changes, isKnown, tests, broken, rule } = checked;
  return (
    <>
      <div data-testid="findings">
        <h4 className={styles.heading}>{words.trial.problems}</h4>
        {findings.length === 0 && <p className={styles.dim}>{words.trial.noProblems}</p>}
        {findings.length > 0 && strings.lang !== 'en' && (
          <p className={styles.dim}>{words.trial.inEnglish}</p>
        )}
        <ul className={styles.list} lang="en">
          {findings.map(({ level, check, line, column, message }) => (
            <li key={`${line}:${column} ${check} ${message}`}>
              <Badge color={level === 'error' ? 'red' : 'orange'} text={words.trial.level[level]} />{' '}
              <button type="button" className={styles.place} onClick={() => onPlace(line, column)}>
                {words.trial.place(String(line), String(column))}
              </button>{' '}
              {message}
            </li>
          ))}
        </ul>
      </div>
      {rule !== null && (
        <div data-testid="changes">
          <h4 className={styles.heading}>{words.trial.changes}</h4>
          {!isKnown && <p className={styles.dim}>{words.trial.isNew}</p>}
          {isKnown && changes?.length === 0 && (
            <p className={styles.dim}>{words.trial.noChanges}</p>
          )}
          {changes !== null && changes.length > 0 && (
            <Changes changes={changes} strings={strings} />
          )}
          <Downloads checked={checked} strings={strings} />
        </div>
      )}
      {rule !== null && (
        <div>
          <h4 className={styles.heading}>{words.tests}</h4>
          <RuleTests tests={tests} strings={strings} />
        </div>
      )}
      {broken.length > 0 && (
        <div data-testid="broken">
          <h4 className={styles.heading}>{words.trial.broken}</h4>
          <ul className={styles.list}>
            {broken.map(({ rule: id, name, winner }) => (
              <li key={`${id} ${name}`}>
                <Badge color="red" icon="times" text={words.fails(winner)} /> <code>{id}</code>{' '}
                {name}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Changes(props: { changes: NonNullable<CheckedEdit['changes']>; strings: Strings }) {
  const styles = useStyles2(getStyles);
  const words = RULES_STRINGS[props.strings.lang].trial;
  return (
    <div className={styles.wide}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>{words.what}</th>
            <th>{words.before}</th>
            <th>{words.after}</th>
          </tr>
        </thead>
        <tbody>
          {props.changes.map(({ what, before, after }) => (
            <tr key={`${what} ${before} ${after}`}>
              <td>{what === 'order of parts' ? words.orderOfParts : <code>{what}</code>}</td>
              <td>{before ?? '–'}</td>
              <td>{after ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Downloads({ checked, strings }: { checked: CheckedEdit; strings: Strings }) {
  const styles = useStyles2(getStyles);
  const words = RULES_STRINGS[strings.lang].trial;
  const { id, isKnown, changes, patch, rule } = checked;
  if (id === null || (isKnown && changes?.length === 0)) {
    return null;
  }
  const path = patch === null ? `${id}.json` : `patches/${id}.json`;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return (
    <div className={styles.downloads}>
      {patch !== null && (
        <Button
          size="sm"
          variant="secondary"
          icon="download-alt"
          onClick={() => downloadText(name, patch)}
        >
          {words.downloadPatch}
        </Button>
      )}
      {patch === null && rule !== null && (
        <>
          {isKnown && <p className={styles.dim}>{words.noPatch}</p>}
          <Button
            size="sm"
            variant="secondary"
            icon="download-alt"
            onClick={() => downloadText(name, rule)}
          >
            {words.downloadRule}
          </Button>
        </>
      )}
      <span className={styles.dim}>{words.saveAs(path)}</span>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  ...getTableStyles(theme),
  heading: css({ ...theme.typography.h6, margin: theme.spacing(0, 0, 0.5) }),
  dim: css({ margin: 0, color: theme.colors.text.secondary, overflowWrap: 'anywhere' }),
  list: css({
    listStyle: 'none',
    margin: 0,
    padding: 0,
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(0.75),
    overflowWrap: 'anywhere',
  }),
  place: css({
    border: 'none',
    padding: 0,
    background: 'none',
    color: theme.colors.text.link,
    textDecoration: 'underline',
  }),
  downloads: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1),
    marginTop: theme.spacing(1),
  }),
});
