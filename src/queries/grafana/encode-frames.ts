import type { Cell, FieldType, Frame } from '../../model/frame.ts';
import { ValuesEncoder } from '../encode-values.ts';

/*
 * Grafana's JSON of data frames: `{schema, data}` as `data.Frame` of grafana-plugin-sdk-go reads it. The schema
 * has a Go type for each field, so a value of another type would make the whole frame unreadable. Such a value
 * becomes null.
 */

/** Go type and JavaScript type of each column type. */
const TYPES: Record<FieldType, { go: string; script: string }> = {
  time: { go: 'time.Time', script: 'time' },
  number: { go: 'float64', script: 'number' },
  string: { go: 'string', script: 'string' },
  boolean: { go: 'bool', script: 'boolean' },
  json: { go: 'json.RawMessage', script: 'other' },
};

/** Grafana keeps times as nanoseconds in 64 bits: the years 1677 to 2262. */
const MAX_TIME_MS = 9_223_372_036_854;

/**
 * Encodes frames as Grafana's JSON, part by part: times in whole epoch ms, missing values as null, and a field
 * is nullable exactly when a value is missing.
 *
 * @param refId - the query that the frames answer
 */
export function* partsOfFrames(frames: readonly Frame[], refId: string): Generator<string> {
  const encoder = new ValuesEncoder(convert);
  yield '{"frames":[';
  for (const [index, frame] of frames.entries()) {
    yield `${index === 0 ? '' : ','}{"schema":${schemaOf(frame, refId)},"data":{"values":[`;
    for (const [column, field] of frame.fields.entries()) {
      yield column === 0 ? '[' : ',[';
      yield* encoder.partsOf(field.config?.custom?.wrapText ? breakable(field) : field);
      yield ']';
    }
    yield ']}}';
  }
  yield ']}';
}

/** Places beside Chinese and Japanese marks where a line may break: after most of them, and before an opening bracket. */
const BREAKS =
  /[，。；：、！？）」](?=[^\s，。；：、！？）」])|(?<=[^\s，。；：、！？）」（「])(?=[（「])/gu;

/** Characters that are as wide as two Latin ones. */
const WIDE = /[\u1100-\u11ff\u3000-\u9fff\uac00-\ud7a3\uff00-\uff60]/gu;

/** Texts without such a character have no marks and no wide characters. */
const BEYOND_LATIN = /[\u1100-\uffff]/;

/**
 * Grafana measures a row as if lines broke at spaces only, and only the cell that it takes for the longest by its number
 * of characters, and cuts off the text of a row that is too low. So a text gets spaces beside its marks, and at its end,
 * where nobody sees them, one for each wide character.
 */
function breakable(field: Frame['fields'][number]): Frame['fields'][number] {
  const values = field.values.map((value) => {
    if (typeof value !== 'string' || !BEYOND_LATIN.test(value)) {
      return value;
    }
    const text = value.replace(BREAKS, '$& ');
    return text.padEnd(text.length + (text.match(WIDE)?.length ?? 0));
  });
  return { ...field, values };
}

function schemaOf({ name, meta, fields }: Frame, refId: string): string {
  return JSON.stringify({
    name,
    refId,
    ...(meta ? { meta } : {}),
    fields: fields.map(({ name: field, type, values, labels, config }) => ({
      name: field,
      type: TYPES[type].script,
      typeInfo: {
        frame: TYPES[type].go,
        ...(values.some((value) => isMissing(type, value)) ? { nullable: true } : {}),
      },
      ...(labels ? { labels } : {}),
      ...(config ? { config } : {}),
    })),
  });
}

/** Whether a value is missing, or of another type than its field. */
function isMissing(type: FieldType, value: Cell | undefined): boolean {
  if (value === null || value === undefined) {
    return true;
  }
  switch (type) {
    case 'time':
      return !(typeof value === 'number' && Math.abs(value) <= MAX_TIME_MS);
    case 'number':
      return !Number.isFinite(value);
    case 'boolean':
      return typeof value !== 'boolean';
    default:
      return false;
  }
}

/** The value as the type of its field has it; null when it is missing or of another type. */
function convert(type: FieldType, value: Cell | undefined): Cell {
  if (value === undefined || isMissing(type, value)) {
    return null;
  }
  switch (type) {
    case 'time':
      return Math.round(value as number);
    case 'string':
      // Half of a surrogate pair is not valid UTF-8.
      return (typeof value === 'object' ? JSON.stringify(value) : String(value)).toWellFormed();
    default:
      return value;
  }
}
