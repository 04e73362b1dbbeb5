import { RecordBatchReader, Vector } from 'apache-arrow';

/** A column as a decoder of Grafana's kind sees it. */
export interface ReadField {
  name: string;
  type: string;
  nullable: boolean;
  metadata: Record<string, string>;
  nulls: number;
  /** Times in ms, JSON as text. */
  values: unknown[];
  /** The numbers in memory, e.g. times as they are: ns. */
  raw: unknown[];
}

/** A frame as a decoder of Grafana's kind sees it. */
export interface ReadFrame {
  metadata: Record<string, string>;
  rows: number;
  fields: ReadField[];
}

const text = new TextDecoder();

/**
 * Reads an Arrow file by column, as Grafana does. Not by a Table of the library: that merges columns
 * of the same name.
 */
export function readArrow(bytes: Uint8Array): ReadFrame {
  const reader = RecordBatchReader.from(bytes).open();
  // Gone once the reader has come to its end.
  const { schema } = reader;
  const [batch, ...more] = [...reader];
  if (more.length > 0) {
    throw new Error('more than one batch');
  }
  const rows = batch?.data.length ?? 0;
  return {
    metadata: Object.fromEntries(schema.metadata),
    rows,
    fields: schema.fields.map((field, index) => {
      const data = batch?.data.children[index];
      const vector = data && new Vector([data]);
      return {
        name: field.name,
        type: String(field.type),
        nullable: field.nullable,
        metadata: Object.fromEntries(field.metadata),
        nulls: vector?.nullCount ?? 0,
        values: Array.from({ length: rows }, (_none, row) => {
          const value: unknown = vector?.get(row);
          return value instanceof Uint8Array ? text.decode(value) : value;
        }),
        raw: data ? Array.from(data.values as ArrayLike<unknown>) : [],
      };
    }),
  };
}
