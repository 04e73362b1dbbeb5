import type { Cell, Field, Frame, FrameMeta } from '../../model/frame.ts';

const ALERT_META = { type: 'timeseries-multi', typeVersion: [0, 1] } as const;
/** One number a row, the texts beside it its labels: nothing has to be reduced. */
const NUMBERS = { type: 'numeric-long', typeVersion: [0, 1] } as const;

/** What alerting reads of a frame's meta, and what the editor of a rule shows beside its result. */
function metaOf(
  { type, typeVersion }: typeof ALERT_META | typeof NUMBERS,
  notices: FrameMeta['notices'],
) {
  return { type, typeVersion: [...typeVersion], ...(notices?.length && { notices }) } as FrameMeta;
}

function isSeries(frame: Frame): boolean {
  return frame.fields[0]?.type === 'time' && frame.fields.some((field) => field.type === 'number');
}

/** Rows with a time, in the order of time. */
function inOrder(frame: Frame): Frame {
  const times = (frame.fields[0] as Field).values;
  const rows = times.map((_time, row) => row).filter((row) => typeof times[row] === 'number');
  const ascending = rows.every(
    (row, index) =>
      index === 0 || (times[rows[index - 1] as number] as number) <= (times[row] as number),
  );
  if (ascending && rows.length === times.length) {
    return frame;
  }
  rows.sort((a, b) => (times[a] as number) - (times[b] as number));
  const fields = frame.fields.map((field) => ({
    ...field,
    values: rows.map((row): Cell => field.values[row] ?? null),
  }));
  return { ...frame, fields };
}

function labelsKey(labels: Record<string, string> = {}): string {
  return JSON.stringify(Object.entries(labels).sort());
}

/**
 * Leaves what Grafana's alerting can evaluate: series of time and one number, in the order of time,
 * each with labels of its own. The first frame keeps its warnings. Without data it is one frame without fields, which reads as "no
 * data"; two such frames, a table beside the series, or equal labels would be errors. A table of numbers
 * stays one.
 */
export function shapeForAlert(frames: readonly Frame[]): Frame[] {
  const [first] = frames;
  const notices = first?.meta?.notices?.filter(({ severity }) => severity !== 'info');
  if (first?.meta?.type === NUMBERS.type) {
    return [{ ...first, meta: metaOf(NUMBERS, notices) }];
  }
  const seen = new Map<string, number>();
  const series = frames.filter(isSeries).flatMap((frame) => {
    const { fields, name } = inOrder(frame);
    return fields.slice(1).flatMap((field): Frame[] => {
      if (field.type !== 'number') {
        return [];
      }
      const key = labelsKey(field.labels);
      const earlier = seen.get(key) ?? 0;
      seen.set(key, earlier + 1);
      const labels =
        earlier === 0 ? field.labels : { ...field.labels, duplicate: String(earlier + 1) };
      const value = labels ? { ...field, labels } : field;
      return [
        {
          name,
          meta: metaOf(ALERT_META, undefined),
          fields: [fields[0] as Field, value],
        },
      ];
    });
  });
  const [leading = { name: frames[0]?.name ?? '', fields: [] }, ...others] = series;
  return [{ ...leading, meta: metaOf(ALERT_META, notices) }, ...others];
}
