import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { TextLink, useStyles2 } from '@grafana/ui';
import { fetchRunbook } from '../state/fetch-rules.ts';
import { useAnswer } from '../state/use-answer.ts';
import { RULES_STRINGS } from '../words/rules-words.ts';
import type { Strings } from '../words/strings.ts';

/** A runbook in the reader's language. */
export function RunbookText({ name, strings }: { name: string; strings: Strings }) {
  const styles = useStyles2(getStyles);
  const words = RULES_STRINGS[strings.lang];
  const { value, error } = useAnswer(
    (signal) => fetchRunbook(name, strings.lang, signal),
    `${strings.lang} ${name}`,
  );
  if (error !== null) {
    return <p className={styles.dim}>{words.noRunbook(name)}</p>;
  }
  if (value === null) {
    return null;
  }
  return (
    <>
      <div
        className={styles.text}
        lang={value.lang}
        data-testid="runbook"
        // biome-ignore lint/security/noDangerouslySetInnerHtml: the server shows HTML in a runbook as text.
        dangerouslySetInnerHTML={{ __html: value.html }}
      />
      <TextLink href={`/runbooks/${name}?lang=${strings.lang}`} external inline={false}>
        {words.openRunbook}
      </TextLink>
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  dim: css({ color: theme.colors.text.secondary }),
  text: css({
    maxWidth: '46rem',
    overflowWrap: 'anywhere',
    // Below the headings of the page, whatever their level in the file.
    '& h1': { ...theme.typography.h4, margin: theme.spacing(0, 0, 1) },
    '& h2': { ...theme.typography.h5, margin: theme.spacing(2, 0, 0.5) },
    '& ul, & ol': { paddingLeft: theme.spacing(3) },
    '& li': { margin: theme.spacing(0.5, 0) },
    '& a': { color: theme.colors.text.link },
    '& pre': { overflowX: 'auto', whiteSpace: 'pre' },
    '& table': { display: 'block', overflowX: 'auto', borderCollapse: 'collapse' },
    '& td, & th': {
      border: `1px solid ${theme.colors.border.weak}`,
      padding: theme.spacing(0.5, 1),
      textAlign: 'start',
    },
  }),
});
