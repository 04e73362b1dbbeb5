import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, useStyles2 } from '@grafana/ui';
import { useEffect, useRef, useState } from 'react';
import type { BreakEvidence as Evidence, PushSample } from '../../model/push.ts';
import { formatSpan } from '../../model/time.ts';
import { fetchEvidence } from '../state/api.ts';
import type { EvidenceStrings } from '../words/evidence-strings.ts';
import { getCardStyles } from './card-styles.ts';
import { SparkLine } from './spark-line.tsx';

type Asked = 'not yet' | 'asking' | { evidence: Evidence } | { failed: string };

interface BreakEvidenceProps {
  breakId: string;
  strings: EvidenceStrings;
}

/** What CSS measured in the minutes before a break, asked for by a button: it costs CSS requests. */
export function BreakEvidence({ breakId, strings }: BreakEvidenceProps) {
  const [asked, setAsked] = useState<Asked>('not yet');
  const abort = useRef(new AbortController());
  useEffect(() => {
    const controller = new AbortController();
    abort.current = controller;
    return () => controller.abort();
  }, []);
  const ask = () => {
    const { signal } = abort.current;
    setAsked('asking');
    fetchEvidence(breakId, strings.language, signal).then(
      (evidence) => setAsked({ evidence }),
      (thrown: Error) => {
        if (!signal.aborted) {
          setAsked({ failed: thrown.message });
        }
      },
    );
  };
  const isAnswered = typeof asked === 'object';
  return (
    <div>
      {isAnswered && 'evidence' in asked && <Shown evidence={asked.evidence} strings={strings} />}
      {isAnswered && 'failed' in asked && <Alert severity="warning" title={asked.failed} />}
      <Button
        size="sm"
        variant="secondary"
        icon="chart-line"
        disabled={asked === 'asking'}
        onClick={ask}
      >
        {asked === 'asking' ? strings.asking : isAnswered ? strings.askAgain : strings.ask}
      </Button>
    </div>
  );
}

function Shown({ evidence, strings }: { evidence: Evidence; strings: EvidenceStrings }) {
  const styles = useStyles2(getStyles);
  const { samples, endedAt, push, exceptions, problems, state } = evidence;
  const measures: [string, (sample: PushSample) => number | null, number][] = [
    [strings.videoFps, ({ videoFps }) => videoFps, 1],
    [strings.videoRate, ({ videoRate }) => videoRate, 1_000],
    [strings.audioRate, ({ audioRate }) => audioRate, 1_000],
    [strings.behind, ({ lagMs }) => lagMs, 1],
  ];
  return (
    <div data-testid="evidence">
      <p className={styles.cause}>{evidence.sentence}</p>
      {samples.length > 0 && (
        <table className={styles.table}>
          <caption className={styles.dim}>
            {strings.measured(
              samples.length,
              formatSpan(endedAt - (samples[0]?.at ?? endedAt), strings.language),
            )}
          </caption>
          <tbody>
            {measures.map(([label, of, unit]) => (
              <Measure
                key={label}
                label={label}
                samples={samples.map((sample) => ({ at: sample.at, value: of(sample) }))}
                unit={unit}
                end={endedAt}
              />
            ))}
          </tbody>
        </table>
      )}
      {state && (
        <p className={styles.dim}>
          {strings.streamNow}: {strings.state[state]}
        </p>
      )}
      {push && (
        <p className={styles.dim}>
          {strings.pushUrl}: <code>{push.params}</code>
        </p>
      )}
      {exceptions.length > 0 && (
        <>
          <p className={styles.dim}>{strings.exceptions}</p>
          <ul className={styles.list}>
            {exceptions.map(({ at, type, text, count, detail }) => (
              <li key={`${at}-${type}`}>
                {dateTimeFormat(at, { format: 'HH:mm:ss' })} {text}
                {count > 1 ? ` × ${count}` : ''}
                {detail && <span className={styles.dim}> {detail}</span>}
              </li>
            ))}
          </ul>
        </>
      )}
      {problems.map(({ code, message, remedy }) => (
        <Alert key={`${code}${message}`} severity="info" title={message}>
          {remedy}
        </Alert>
      ))}
    </div>
  );
}

interface MeasureProps {
  label: string;
  samples: readonly { at: number; value: number | null }[];
  /** What a value is divided by. */
  unit: number;
  end: number;
}

/** A row of the table; none when nothing of it is known. */
function Measure({ label, samples, unit, end }: MeasureProps) {
  const styles = useStyles2(getStyles);
  const known = samples.flatMap(({ value }) => value ?? []);
  const [first] = known;
  const last = known.at(-1);
  if (first === undefined || last === undefined) {
    return null;
  }
  const ends = `${Math.round(first / unit)} → ${Math.round(last / unit)}`;
  return (
    <tr>
      <th className={styles.dim} scope="row">
        {label}
      </th>
      <td>
        <SparkLine samples={samples} end={end} label={`${label}: ${ends}`} />
      </td>
      <td className={styles.ends}>{ends}</td>
    </tr>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  ...getCardStyles(theme),
  table: css({
    captionSide: 'top',
    '& th': { textAlign: 'left', paddingRight: theme.spacing(1), fontWeight: 400 },
    '& td': { paddingRight: theme.spacing(1) },
  }),
  ends: css({ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }),
  list: css({ margin: theme.spacing(0, 0, 1), paddingLeft: theme.spacing(2) }),
});
