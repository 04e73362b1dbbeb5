import type { DataSourceJsonData } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import type { IncidentState, StreamState } from '../../model/incident.ts';
import type {
  AlertValue,
  FilterName,
  GroupBy,
  QueryType,
  SeriesMeasure,
} from '../../model/query.ts';
import type { Language } from '../../model/vocabulary.ts';

/** A query as editors, dashboards and alert rules keep it. */
export interface BreakwatchQuery extends DataQuery {
  queryType?: QueryType;
  /** Wanted values by filter; a value may be a variable such as `$category`. */
  filters?: Partial<Record<FilterName, string[]>>;
  /**
   * Further filters that must hold as well. Only dashboards have them, for an annotation query that is
   * fixed to one severity, as its colour is, and follows the dashboard's choice of severities too. The
   * backend never sees them: they are merged into `filters`, or the query is not asked at all.
   */
  also?: Partial<Record<FilterName, string[]>>;
  measure?: SeriesMeasure;
  groupBy?: GroupBy[];
  /** Which number of alerts; a table for people when absent. */
  value?: AlertValue;
  /** Wanted states of incidents or streams. */
  state?: (IncidentState | StreamState)[];
  limit?: number;
  /** Annotations of the times without data, instead of breaks. */
  gaps?: boolean;
  /** What a lookup asks for. */
  text?: string;
  /** A language, or a variable that holds one. */
  language?: Language | `$${string}`;
}

/** A variable's query: the values of one filter. */
export interface BreakwatchVariableQuery extends DataQuery {
  filter?: FilterName;
}

/** Settings that are no secret. */
export interface BreakwatchOptions extends DataSourceJsonData {
  /** `remote` asks a `breakwatch serve`; `embedded` polls the CSS API inside Grafana. */
  mode?: 'remote' | 'embedded';
  /** remote: address of the server. */
  url?: string;
  /** embedded: SecretId of a CAM user that may read CSS. */
  secretId?: string;
  /** embedded */
  site?: 'cn' | 'intl';
  /** embedded: another base URL of the API, e.g. a simulator's. */
  endpoint?: string;
  /** embedded: name of the account in labels. */
  accountName?: string;
  /** embedded: where breaks are kept; GF_PLUGIN_DATA_PATH when empty. */
  dataFolder?: string;
  /** embedded: CSV file that names streams by room and user. */
  directory?: string;
  /** embedded: how far back the first poll reaches, 0 to 60. */
  backfillDays?: number;
  /** embedded: days that are kept, 0 for all. */
  keepDays?: number;
}

/** Settings that Grafana keeps encrypted and never shows again. */
export interface BreakwatchSecrets {
  /** remote */
  token?: string;
  /** embedded */
  secretKey?: string;
}
