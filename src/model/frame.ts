/**
 * A neutral, column-wise table: the one answer shape of every query, before Grafana's Arrow, the
 * page's charts or JSON. Times are epoch milliseconds UTC.
 *
 * @module
 */

/** What a column holds. `time` is epoch ms UTC; `json` is any JSON value. */
export type FieldType = 'time' | 'number' | 'string' | 'boolean' | 'json';

/** A cell. Null where there is no value. */
export type Cell = number | string | boolean | null | object;

/** Presentation hints that Grafana and the page understand. */
export interface FieldConfig {
  displayName?: string;
  displayNameFromDS?: string;
  description?: string;
  /** Grafana unit id, e.g. `ms`, `s`, `short`, `percentunit`. */
  unit?: string;
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

/** A remark about an answer, e.g. that rows were cut. */
export interface Notice {
  severity: 'info' | 'warning' | 'error';
  text: string;
}

/** What the frame is, for whoever draws it or alerts on it. */
export interface FrameMeta {
  /** Grafana's data plane type; absent for plain tables. */
  type?: 'timeseries-multi' | 'timeseries-wide' | 'numeric-long' | 'numeric-multi' | 'table';
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
