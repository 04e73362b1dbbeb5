import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, TextArea, useStyles2 } from '@grafana/ui';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { placeInText } from '../state/place-in-text.ts';
import type { Trial } from '../state/trial.ts';
import { useDraft } from '../state/use-draft.ts';
import { useTrial } from '../state/use-trial.ts';
import { formatCount } from '../words/format.ts';
import { RULES_STRINGS } from '../words/rules-words.ts';
import type { Strings } from '../words/strings.ts';
import { TrialFindings } from './trial-findings.tsx';
import { TrialResult } from './trial-result.tsx';

/** The longest edit that the server takes, characters. */
const MAX_LENGTH = 65_536;
/** Lines to show above the line of a problem. */
const LINES_ABOVE = 4;

interface TryEditProps {
  /** Id of the rule, by which its edit is kept; empty for a new rule. */
  name: string;
  /** The text to begin with; empty for a new rule. */
  source: string;
  strings: Strings;
}

/** A field for an edit of a rule, and what the edit would change. Nothing is saved. */
export function TryEdit({ name, source, strings }: TryEditProps) {
  const styles = useStyles2(getStyles);
  const words = RULES_STRINGS[strings.lang].trial;
  const [text, setText] = useDraft(name, source);
  const isKept = useRef(text !== source);
  const field = useRef<HTMLTextAreaElement>(null);
  const { trial, run, cancel } = useTrial(strings.lang);
  // The button that opened the field is gone, so the keyboard would start from the top of the page.
  // An edit from before opens with the page, which must not jump to it.
  useEffect(() => {
    if (!isKept.current) {
      field.current?.setSelectionRange(0, 0);
      field.current?.focus();
    }
  }, []);
  const isRunning = trial?.state === 'running';
  const isTooLong = text.length > MAX_LENGTH;
  const isReady = text.trim() !== '' && !isTooLong && !isRunning;
  const onKeyDown = ({ key, ctrlKey, metaKey }: KeyboardEvent) => {
    if (key === 'Enter' && (ctrlKey || metaKey) && isReady) {
      run(text);
    }
  };
  const showPlace = (line: number, column: number) => {
    const at = placeInText(text, line, column);
    const element = field.current;
    element?.focus();
    element?.setSelectionRange(at, at + 1);
    // Not every browser scrolls to a selection. No line wraps, so all are equally high.
    element?.scrollTo(0, (element.scrollHeight / text.split('\n').length) * (line - LINES_ABOVE));
  };
  return (
    <div className={styles.panel} data-testid="trial">
      <p className={styles.dim}>{words.intro}</p>
      {isKept.current && text !== source && <p className={styles.dim}>{words.kept}</p>}
      <TextArea
        ref={field}
        className={styles.text}
        aria-label={words.label}
        placeholder={words.placeholder}
        rows={16}
        spellCheck={false}
        autoCapitalize="off"
        autoCorrect="off"
        invalid={isTooLong}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {isTooLong && (
        <p role="alert">
          {words.tooLong(
            formatCount(text.length, strings.lang),
            formatCount(MAX_LENGTH, strings.lang),
          )}
        </p>
      )}
      <div className={styles.buttons}>
        <Button disabled={!isReady} aria-keyshortcuts="Control+Enter" onClick={() => run(text)}>
          {words.run}
        </Button>
        {isRunning && (
          <Button variant="secondary" onClick={cancel}>
            {words.cancel}
          </Button>
        )}
        {text !== source && (
          <Button variant="secondary" fill="text" onClick={() => setText(source)}>
            {words.reset}
          </Button>
        )}
        <kbd className={styles.keys}>Ctrl+Enter</kbd>
      </div>
      {trial && <TrialState trial={trial} strings={strings} />}
      {trial?.checked && (
        <TrialFindings checked={trial.checked} strings={strings} onPlace={showPlace} />
      )}
      {trial?.result && <TrialResult result={trial.result} strings={strings} />}
    </div>
  );
}

/** Progress, and why there is no result. */
function TrialState({ trial, strings }: { trial: Trial; strings: Strings }) {
  const styles = useStyles2(getStyles);
  const words = RULES_STRINGS[strings.lang].trial;
  const { state, checked, progress, events, error } = trial;
  if (state === 'failed') {
    const isBusy = error?.code === 'SERVER_BUSY';
    return (
      <Alert bottomSpacing={0} severity="warning" title={isBusy ? words.busy : words.failed}>
        {!isBusy && error && `${error.message} ${error.remedy}`}
      </Alert>
    );
  }
  if (state === 'cut' || state === 'cancelled') {
    return (
      <Alert
        bottomSpacing={0}
        severity={state === 'cut' ? 'warning' : 'info'}
        title={words[state]}
      />
    );
  }
  return (
    <div className={styles.progress}>
      {state === 'running' && (
        <progress
          className={styles.bar}
          aria-label={words.title}
          {...(progress === null ? {} : { value: progress })}
        />
      )}
      <output className={styles.dim}>
        {state === 'done'
          ? checked?.rule === null
            ? words.notLoaded
            : words.done
          : progress === null
            ? words.checking
            : words.judging(formatCount(events, strings.lang))}
      </output>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  panel: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5) }),
  text: css({
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'pre',
    resize: 'vertical',
    // A phone zooms in on a field with smaller letters.
    [theme.breakpoints.down('sm')]: { fontSize: 16 },
  }),
  buttons: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1),
  }),
  keys: css({
    marginLeft: 'auto',
    // A phone has no such keys.
    [theme.breakpoints.down('sm')]: { display: 'none' },
  }),
  dim: css({ margin: 0, color: theme.colors.text.secondary }),
  progress: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1),
    fontVariantNumeric: 'tabular-nums',
  }),
  bar: css({ flex: '0 1 320px', accentColor: theme.colors.primary.main }),
});
