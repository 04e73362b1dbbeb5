import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, useStyles2 } from '@grafana/ui';
import { useEffect, useRef, useState } from 'react';
import type { BreakEvidence as Evidence, PushSample } from '../../model/push.ts';
import { formatSpan } from '../../model/time.ts';
import { fetchEvidence } from '../state/api.ts';
import type { Strings } from '../words/strings.ts';
import { getCardStyles } from './card-parts.tsx';
import { SparkLine } from './spark-line.tsx';

type Request = 'idle' | 'loading' | { evidence: Evidence } | { failed: string };

interface BreakEvidenceProps {
  breakId: string;
  strings: Strings;
}

/** What CSS measured in the minutes before a break. Loaded on request only, as it costs API calls. */
export function BreakEvidence({ breakId, strings }: BreakEvidenceProps) {
  const [request, setRequest] = useState<Request>('idle');
  const abort = useRef(new AbortController());
  useEffect(() => {
    const controller = new AbortController();
    abort.current = controller;
    return () => controller.abort();
  }, []);
  const load = () => {
    const { signal } = abort.current;
    setRequest('loading');
    fetchEvidence(breakId, strings.lang, signal).then(
      (evidence) => setRequest({ evidence }),
      (thrown: Error) => {
        if (!signal.aborted) {
          setRequest({ failed: thrown.message });
        }
      },
    );
  };
  const isDone = typeof request === 'object';
  return (
    <div>
      {isDone && 'evidence' in request && <Shown evidence={request.evidence} strings={strings} />}
      {isDone && 'failed' in request && <Alert severity="warning" title={request.failed} />}
      <Button
        size="sm"
        variant="secondary"
        icon="chart-line"
        disabled={request === 'loading'}
        onClick={load}
      >
        {request === 'loading'
          ? strings.loadingSamples
          : isDone
            ? strings.reloadSamples
            : strings.loadSamples}
      </Button>
    </div>
  );
}

function Shown({ evidence, strings }: { evidence: Evidence; strings: Strings }) {
  const styles = useStyles2(getStyles);
  const { samples, endedAt, push, exceptions, problems, state } = evidence;
  const measures: [string, (sample: PushSample) => number | null, number][] = [
    [strings.videoFps, ({ videoFps }) => videoFps, 1],
    [strings.videoRate, ({ videoRate }) => videoRate, 1_000],
    [strings.audioRate, ({ audioRate }) => audioRate, 1_000],
    [strings.timestampLag, ({ lagMs }) => lagMs, 1],
  ];
  return (
    <div data-testid="evidence">
      <p className={styles.cause}>{evidence.sentence}</p>
      {samples.length > 0 && (
        <table className={styles.table}>
          <caption className={styles.dim}>
            {strings.sampleCount(
              samples.length,
              formatSpan(endedAt - (samples[0]?.at ?? endedAt), strings.lang),
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
          {strings.streamStateNow}: {strings.streamState[state]}
        </p>
      )}
      {push && (
        <p className={styles.dim}>
          {strings.pushUrlParams}: <code>{push.params}</code>
        </p>
      )}
      {exceptions.length > 0 && (
        <>
          <p className={styles.dim}>{strings.pushExceptions}</p>
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
  /** Divisor for the shown values, e.g. 1000 for kbit/s. */
  unit: number;
  end: number;
}

/** One row of the table. Renders nothing when all values are missing. */
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
