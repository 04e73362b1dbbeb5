import type { DataSourceJsonData } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import type { IncidentState, StreamState } from '../../model/incident.ts';
import type {
  AlertValue,
  FilterName,
  QualityView,
  QueryType,
  SeriesGroupBy,
  SeriesMeasure,
  StreamHistory,
} from '../../model/query.ts';
import type { AlertState, Language } from '../../model/vocabulary.ts';

/** A query as editors, dashboards and alert rules store it. */
export interface BreakwatchQuery extends DataQuery {
  queryType?: QueryType;
  /** Selected values by filter; a value may be a variable such as `$category`. */
  filters?: Partial<Record<FilterName, string[]>>;
  /**
   * Further filters that must match as well. Used by dashboards only: an annotation query has a fixed
   * severity, because its colour is fixed, and follows the severities selected on the dashboard. They
   * are merged into `filters` before the backend sees the query; if nothing is left, it is not sent.
   */
  also?: Partial<Record<FilterName, string[]>>;
  /** Values of breaks that are left out, by filter. */
  exclude?: Partial<Record<FilterName, string[]>>;
  /** Breaks as lines of a log. */
  logs?: boolean;
  /** Only breaks that were stored after this place; a live tail sets it, and nothing stores it. */
  newerThan?: number;
  measure?: SeriesMeasure;
  groupBy?: SeriesGroupBy[];
  /** The number to return for each alert; a table when absent. */
  value?: AlertValue;
  /** Selected states of incidents, streams or alerts. */
  state?: (IncidentState | StreamState | AlertState)[];
  /** Only alerts that do not notify, or only those that do. */
  muted?: boolean;
  /** Id of the only incident wanted, or a variable that holds it. */
  incident?: string;
  /** What to tell about that incident. */
  part?: 'streams' | 'story';
  /** Wanted columns of a table in their order. */
  columns?: string[];
  /** What a table says when nothing was found and collection works. */
  whenEmpty?: string;
  limit?: number;
  /** Annotate single breaks instead of incidents. */
  breaks?: boolean;
  /** Annotate times without data instead of incidents. */
  gaps?: boolean;
  /** What a streams query tells of the past. */
  history?: StreamHistory;
  /** What a quality query shows. */
  show?: QualityView;
  /** The code or text to look up. */
  text?: string;
  /** A language, or a variable that holds one. */
  language?: Language | `$${string}`;
}

/** The query of a variable: the values of one filter. */
export interface BreakwatchVariableQuery extends DataQuery {
  filter?: FilterName;
  /** `$__searchFilter`, so that Grafana asks again for what is typed. */
  search?: string;
}

/** Settings that are not secret. */
export interface BreakwatchOptions extends DataSourceJsonData {
  /** `remote` queries a Breakwatch server; `embedded` polls the CSS API inside Grafana. */
  mode?: 'remote' | 'embedded';
  /** remote: address of the server. */
  url?: string;
  /** remote: seconds that a panel waits for an answer; 30 when absent. */
  timeout?: number;
  /** remote: send a client certificate. */
  tlsAuth?: boolean;
  /** remote: trust the CA certificate among the secrets. */
  tlsAuthWithCACert?: boolean;
  /** remote: do not check the server's certificate. */
  tlsSkipVerify?: boolean;
  /** remote: use Grafana's SOCKS proxy. */
  enableSecureSocksProxy?: boolean;
  /** embedded: SecretId of a CAM user with read access to CSS. */
  secretId?: string;
  /** embedded: site of the account, Chinese or international. */
  site?: 'cn' | 'intl';
  /** embedded: base URL of the API, for example of a simulator. */
  endpoint?: string;
  /** embedded: name of the account in labels. */
  accountName?: string;
  /** embedded: folder that stores breaks; GF_PLUGIN_DATA_PATH when empty. */
  dataFolder?: string;
  /** embedded: CSV file that maps streams to room and user. */
  directory?: string;
  /** embedded: days of history that the first poll reads, 0 to 60. */
  backfillDays?: number;
  /** embedded: days that breaks are stored, 0 for all. */
  keepDays?: number;
}

/** Settings that Grafana stores encrypted and never shows again. */
export interface BreakwatchSecrets {
  /** remote: BREAKWATCH_TOKEN of the server. */
  token?: string;
  /** remote: password for basic auth. */
  basicAuthPassword?: string;
  /** embedded: SecretKey of the CAM user. */
  secretKey?: string;
}
