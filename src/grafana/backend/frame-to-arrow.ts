import {
  type DataType,
  Field,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
} from 'apache-arrow';
import type { Frame } from '../../model/frame.ts';
import { cleanConfig, cleanLabels, cleanMeta, jsonOf } from './clean-frame-json.ts';
import { encodeColumn } from './encode-column.ts';
import { pauser } from './pauser.ts';

function withJson(metadata: Map<string, string>, key: string, value: object): void {
  const json = Object.keys(value).length > 0 ? jsonOf(value) : undefined;
  if (json !== undefined) {
    metadata.set(key, json);
  }
}

/**
 * Writes a frame as Grafana's decoder wants it: one Arrow IPC file (not a stream), times in ns,
 * plain UTF-8, nullable exactly where a value is missing, name, refId and meta in the schema's
 * metadata, labels and config in the fields'. Lets the event loop turn during large frames.
 *
 * @param refId - the query that the frame answers
 */
export async function frameToArrow(frame: Frame, refId: string): Promise<Uint8Array> {
  const rows = frame.fields.reduce((max, field) => Math.max(max, field.values.length), 0);
  const pause = pauser();
  const fields: Field[] = [];
  const children = [];
  for (const { name, type, values, labels, config } of frame.fields) {
    const column = await encodeColumn(type, values, rows, pause);
    const metadata = new Map<string, string>();
    withJson(metadata, 'labels', cleanLabels(labels));
    withJson(metadata, 'config', cleanConfig(config));
    fields.push(new Field(String(name), column.type, column.nullable, metadata));
    children.push(column.data);
  }
  const metadata = new Map([
    ['name', String(frame.name ?? '')],
    ['refId', refId],
  ]);
  withJson(metadata, 'meta', cleanMeta(frame.meta));
  const schema = new Schema<Record<string, DataType>>(fields, metadata);
  const writer = new RecordBatchFileWriter<Record<string, DataType>>();
  writer.reset(undefined, schema);
  if (fields.length > 0) {
    const data = makeData({ type: new Struct(fields), length: rows, nullCount: 0, children });
    const batch = new RecordBatch(schema, data);
    // The library merges fields of the same name, then drops the batch as one of another schema.
    Object.assign(batch, { schema });
    writer.write(batch);
  }
  writer.finish();
  return writer.toUint8Array(true);
}
