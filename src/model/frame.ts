/**
 * A table in columns: the answer to every query, before it is converted to Grafana's Arrow, to charts or
 * to JSON. Times are epoch ms UTC.
 *
 * @module
 */

/** Type of a column. `time` is epoch ms UTC; `json` is any JSON value. */
export type FieldType = 'time' | 'number' | 'string' | 'boolean' | 'json';

/** A cell; null when it has no value. */
export type Cell = number | string | boolean | null | object;

/** Words and colours of values, as Grafana writes them. */
export interface ValueMapping {
  type: 'value';
  options: Record<string, { index: number; text?: string; color?: string }>;
}

/** Presentation hints that Grafana and the page understand. */
export interface FieldConfig {
  displayName?: string;
  displayNameFromDS?: string;
  description?: string;
  /** Grafana unit id, e.g. `ms`, `s`, `short`, `percentunit`. */
  unit?: string;
  mappings?: ValueMapping[];
  links?: { title: string; url: string; targetBlank?: boolean }[];
  color?: { mode: string; fixedColor?: string };
  interval?: number;
  custom?: Record<string, unknown>;
}

/** One column. */
export interface Field {
  name: string;
  type: FieldType;
  values: Cell[];
  labels?: Record<string, string>;
  config?: FieldConfig;
}

/** A remark about an answer, e.g. that rows are missing. */
export interface Notice {
  severity: 'info' | 'warning' | 'error';
  text: string;
}

/** Describes a frame to programs that draw it or alert on it. */
export interface FrameMeta {
  /** Type in Grafana's data plane contract; absent for plain tables. */
  type?:
    | 'timeseries-multi'
    | 'timeseries-wide'
    | 'numeric-long'
    | 'numeric-multi'
    | 'table'
    | 'log-lines';
  typeVersion?: [number, number];
  preferredVisualisationType?: 'graph' | 'table' | 'logs';
  dataTopic?: 'annotations';
  notices?: Notice[];
  custom?: Record<string, unknown>;
}

/** One table. All fields have the same number of values; a frame without fields means no data. */
export interface Frame {
  name: string;
  meta?: FrameMeta;
  fields: Field[];
}
