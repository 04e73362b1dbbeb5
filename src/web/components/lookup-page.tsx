import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, LoadingBar, TextArea, useStyles2 } from '@grafana/ui';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { EXPLAIN_LENGTH } from '../../contract/limits.ts';
import { fetchExplained, lookupAddress, lookupExamples, readCode } from '../state/lookup.ts';
import { useAnswer } from '../state/use-answer.ts';
import { formatCount } from '../words/format.ts';
import type { LookupStrings } from '../words/lookup-strings.ts';
import { LOOKUP_STRINGS } from '../words/lookup-words.ts';
import { STRINGS } from '../words/strings.ts';
import { getListStyle } from './card-parts.tsx';
import { LookupResult } from './lookup-result.tsx';
import type { PageProps } from './page-frame.tsx';
import { Shell } from './shell.tsx';

/** A text that was sent. */
interface Asked {
  text: string;
  /** Its place among the texts of this visit. */
  turn: number;
}

/** Explains what a person pastes. The address holds a bare code, and never anything else of the text. */
export function LookupPage(props: PageProps) {
  const { language } = props;
  const styles = useStyles2(getStyles);
  const words = LOOKUP_STRINGS[language];
  const field = useRef<HTMLTextAreaElement>(null);
  const pasted = useRef(false);
  const [text, setText] = useState(() => readCode(window.location.search) ?? '');
  const [asked, setAsked] = useState<Asked | null>(text === '' ? null : { text, turn: 0 });
  const isTooLong = text.length > EXPLAIN_LENGTH;
  const run = (wanted: string) => {
    if (wanted.trim() !== '' && wanted.length <= EXPLAIN_LENGTH) {
      setAsked({ text: wanted, turn: (asked?.turn ?? 0) + 1 });
    }
  };
  const { value, error } = useAnswer(
    (signal) => fetchExplained(asked?.text ?? '', language, signal),
    asked && `${language} ${asked.turn}`,
  );
  const code = value?.code ?? null;
  useEffect(() => {
    if (value !== null && code !== readCode(window.location.search)) {
      window.history.pushState(null, '', lookupAddress(code));
    }
  }, [value, code]);
  useEffect(() => {
    const back = () => {
      const named = readCode(window.location.search);
      if (named !== null || window.location.search === '') {
        setText(named ?? '');
        setAsked((last) => (named === null ? null : { text: named, turn: (last?.turn ?? 0) + 1 }));
      }
    };
    window.addEventListener('popstate', back);
    return () => window.removeEventListener('popstate', back);
  }, []);
  const onKeyDown = ({ key, ctrlKey, metaKey }: KeyboardEvent) => {
    if (key === 'Enter' && (ctrlKey || metaKey)) {
      run(text);
    }
  };
  const tryExample = (example: string) => {
    setText(example);
    run(example);
  };
  return (
    <Shell title={words.title} {...props}>
      <h2 className={styles.heading}>{words.title}</h2>
      <p className={styles.dim}>{words.intro}</p>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          run(text);
        }}
      >
        <TextArea
          ref={field}
          className={styles.text}
          aria-label={words.label}
          placeholder={words.label}
          rows={text.includes('\n') || text.length > 200 ? 10 : 3}
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          invalid={isTooLong}
          value={text}
          onPaste={() => {
            pasted.current = true;
          }}
          onChange={({ currentTarget }) => {
            setText(currentTarget.value);
            if (pasted.current) {
              pasted.current = false;
              run(currentTarget.value);
            }
          }}
          onKeyDown={onKeyDown}
        />
        {isTooLong && (
          <p role="alert">
            {words.tooLong(
              formatCount(text.length, language),
              formatCount(EXPLAIN_LENGTH, language),
            )}
          </p>
        )}
        <div className={styles.buttons}>
          <Button type="submit" disabled={text.trim() === '' || isTooLong}>
            {words.run}
          </Button>
          {text !== '' && (
            <Button
              variant="secondary"
              fill="text"
              onClick={() => {
                setText('');
                setAsked(null);
                window.history.pushState(null, '', lookupAddress(null));
                field.current?.focus();
              }}
            >
              {words.clear}
            </Button>
          )}
          <kbd className={styles.keys}>Ctrl+Enter</kbd>
        </div>
      </form>
      <div aria-live="polite" className={styles.answer}>
        {error !== null && (
          <Alert bottomSpacing={0} severity="warning" title={words.failed}>
            {error}
          </Alert>
        )}
        {asked !== null && value === null && error === null && (
          <output>
            <LoadingBar width={320} />
            {words.loading}
          </output>
        )}
        {value !== null && <LookupResult answer={value} strings={STRINGS[language]} />}
      </div>
      {(asked === null || value?.kind === 'unknown') && (
        <Examples words={words} examples={lookupExamples(language)} onTry={tryExample} />
      )}
    </Shell>
  );
}

interface ExamplesProps {
  words: LookupStrings;
  examples: ReturnType<typeof lookupExamples>;
  onTry: (text: string) => void;
}

/** What can be pasted, to try with a click. */
function Examples({ words, examples, onTry }: ExamplesProps) {
  const styles = useStyles2(getStyles);
  const names = Object.keys(examples) as (keyof typeof examples)[];
  return (
    <section aria-label={words.examples}>
      <h3 className={styles.subheading}>{words.examples}</h3>
      <ul className={styles.examples} data-testid="examples">
        {names.map((name) => (
          <li key={name} className={styles.example}>
            <span className={styles.dim}>{words.example[name]}</span>
            <button type="button" className={styles.try} onClick={() => onTry(examples[name])}>
              <code>{examples[name]}</code>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  heading: css({ ...theme.typography.h3, margin: 0 }),
  subheading: css({ ...theme.typography.h5, margin: theme.spacing(0, 0, 1) }),
  dim: css({ margin: 0, color: theme.colors.text.secondary }),
  form: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  text: css({
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    resize: 'vertical',
    overflowWrap: 'anywhere',
    // A phone zooms in on a field with smaller letters.
    [theme.breakpoints.down('sm')]: { fontSize: 16 },
  }),
  buttons: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
  keys: css({
    marginLeft: 'auto',
    // A phone has no such keys.
    [theme.breakpoints.down('sm')]: { display: 'none' },
  }),
  answer: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5) }),
  examples: getListStyle(theme, 1),
  example: css({
    display: 'grid',
    gridTemplateColumns: '180px 1fr',
    columnGap: theme.spacing(1),
    [theme.breakpoints.down('sm')]: { gridTemplateColumns: '1fr' },
  }),
  try: css({
    border: 'none',
    padding: theme.spacing(0.5, 0),
    background: 'none',
    color: theme.colors.text.link,
    textAlign: 'start',
    overflowWrap: 'anywhere',
    '& code': { display: 'inline-block', color: 'inherit', whiteSpace: 'normal' },
  }),
});
