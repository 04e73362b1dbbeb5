import { t } from '@grafana/i18n';
import type { IncidentState, StreamState } from '../../model/incident.ts';
import type {
  AlertValue,
  FilterName,
  QualityView,
  QueryType,
  SeriesMeasure,
  StreamHistory,
} from '../../model/query.ts';
import type { AlertState } from '../../model/vocabulary.ts';

/** All texts of the editors, in English. `src/grafana/locales` has them in each language, for Grafana. */
export const ENGLISH = {
  queryType: {
    label: 'Query type',
    options: {
      breaks: { label: 'Breaks', description: 'Table of breaks with cause and fix, newest first' },
      series: { label: 'Series', description: 'Breaks over time' },
      annotations: { label: 'Annotations', description: 'Regions of incidents or breaks' },
      incidents: {
        label: 'Incidents',
        description: 'Table of incidents: scope, cause, next step, lost minutes',
      },
      streams: {
        label: 'Streams',
        description: 'Table of streams and their current state, down first',
      },
      alerts: {
        label: 'Alerts',
        description: 'Alerts that are firing; use this type in alert rules',
      },
      quality: {
        label: 'Alert quality',
        description: 'Pages, those that healed by themselves, feedback on causes',
      },
      recovery: {
        label: 'Time to recover',
        description: 'How long streams were down, by cause, beside a week earlier',
      },
      lookup: { label: 'Lookup', description: 'Explains a code or text of CSS' },
    } satisfies Record<QueryType, { label: string; description: string }>,
  },
  measure: {
    label: 'Measure',
    options: {
      count: { label: 'Count', description: 'Breaks per step' },
      rate: { label: 'Rate', description: 'Breaks per minute' },
      lostMinutes: {
        label: 'Lost minutes',
        description: 'Minutes without a push, summed over streams',
      },
    } satisfies Record<SeriesMeasure, { label: string; description: string }>,
  },
  value: {
    label: 'Value',
    placeholder: 'Table',
    tooltip: 'One number for each alert, for alert rules; its labels do not change while it fires',
    options: {
      state: {
        label: 'State',
        description: '1 while the alert fires, else 0; 1 for an account whose collection is down',
      },
      minutes: { label: 'Minutes', description: 'Minutes without a push, summed over streams' },
      streams: { label: 'Streams', description: 'Affected streams' },
      streamsDown: { label: 'Streams down', description: 'Streams down now' },
      share: {
        label: 'Share',
        description: 'Affected streams as a share of the live pushes in scope',
      },
    } satisfies Record<AlertValue, { label: string; description: string }>,
  },
  state: {
    label: 'State',
    placeholder: 'All states',
    options: {
      open: 'Open',
      resolved: 'Resolved',
      silent: 'Silent',
      down: 'Down',
      flapping: 'Flapping',
      reconnecting: 'Reconnecting',
      recovered: 'Recovered',
      live: 'Live',
      ended: 'Ended',
      firing: 'Firing',
      pending: 'Pending',
    } satisfies Record<IncidentState | StreamState | AlertState, string>,
  },
  groupBy: {
    label: 'Group by',
    placeholder: 'No grouping: one series',
    clientNetwork: 'Client network',
  },
  limit: {
    label: 'Limit',
    tooltip: {
      breaks: 'Max rows, newest first (default 200, max 100,000)',
      series: 'Max groups, largest first (default 50)',
      annotations: 'Max regions (default 60); further regions are merged',
      incidents: 'Max incidents, newest first (default 100, max 1,000)',
      streams: 'Max streams, down first (default 1,000, max 10,000)',
      alerts: 'Max alerts, firing first (default 1,000, max 10,000)',
      quality: 'Max rows (default 100, max 10,000)',
      recovery: 'Max rows (default 100, max 1,000)',
    },
  },
  quality: {
    label: 'Show',
    options: {
      total: { label: 'Total', description: 'One row: pages, healed by themselves, accuracy' },
      time: { label: 'Over time', description: 'Pages over time' },
      rules: { label: 'By rule', description: 'One row for each rule' },
      pages: { label: 'Pages', description: 'One row for each page, newest first' },
    } satisfies Record<QualityView, { label: string; description: string }>,
  },
  history: {
    label: 'Show',
    options: {
      now: { label: 'States', description: 'The state of each stream at the end of the range' },
      timeline: {
        label: 'Timeline',
        description: 'When it was live or down, for a state timeline',
      },
      pushes: { label: 'Pushes', description: 'One row for each push, newest first' },
    } satisfies Record<StreamHistory | 'now', { label: string; description: string }>,
  },
  view: { label: 'View', options: { table: 'Table', logs: 'Logs' } },
  show: {
    label: 'Show',
    options: {
      incidents: {
        label: 'Incidents',
        description: 'One region for breaks with one cause, from the first break to the recovery',
      },
      breaks: { label: 'Breaks', description: 'A region from break to recovery for each stream' },
      gaps: {
        label: 'No data',
        description: 'Times without collected data. Only the account filter applies',
      },
    },
  },
  text: {
    label: 'Code or text',
    placeholder: '18/501, 6012, ResourceNotFound.StopService or a reason text',
  },
  language: { label: 'Language' },
  filters: {
    title: 'Filters',
    add: 'Add filter',
    remove: 'Remove filter',
    placeholder: 'All; type a value, * or a $variable',
    names: {
      account: 'Account',
      domain: 'Push domain',
      app: 'AppName',
      stream: 'StreamName',
      category: 'Category',
      severity: 'Severity',
      side: 'Side',
      outcome: 'Outcome',
      reason: 'Reason',
      rule: 'Rule',
      clientIp: 'Client IP',
      node: 'Node',
    } satisfies Record<FilterName, string>,
  },
  variable: { label: 'Values of' },
  openIncident: 'Open the incident',
  live: { retry: 'Next try in' },
  alertVariables: 'Alert rules cannot use dashboard variables. Enter the values themselves.',
  config: {
    mode: {
      label: 'Mode',
      remote: 'Remote',
      remoteDescription:
        'Query a Breakwatch server: callbacks and polling, shared by several Grafanas',
      embedded: 'Embedded',
      embeddedDescription: 'Poll the CSS API from inside Grafana: no callbacks, no separate server',
    },
    url: {
      label: 'Server URL',
      description: 'URL of the Breakwatch server, e.g. http://127.0.0.1:7070',
    },
    token: {
      label: 'Token',
      description: 'BREAKWATCH_TOKEN of the server; leave empty if it has none',
    },
    http: 'HTTP settings',
    timeout: {
      label: 'Timeout',
      description: 'Seconds that a panel waits for an answer. An alert rule waits 3 s',
    },
    basicAuth: {
      label: 'Basic auth',
      description: 'Log in to a proxy in front of the server. Not together with a token',
    },
    basicAuthUser: { label: 'Basic auth user' },
    basicAuthPassword: { label: 'Basic auth password' },
    tlsAuthWithCACert: {
      label: 'Private CA',
      description: 'Trust a CA certificate that you enter here, for https',
    },
    tlsAuth: {
      label: 'Client certificate',
      description: 'Send a client certificate to the server or to a proxy in front of it',
    },
    tlsSkipVerify: {
      label: 'Skip TLS verification',
      description: 'Accept any certificate of the server. Unsafe: use it for tests only',
    },
    secretId: {
      label: 'SecretId',
      description: 'SecretId of a CAM user with the policy QcloudLIVEReadOnlyAccess',
    },
    secretKey: {
      label: 'SecretKey',
      description: 'Stored encrypted by Grafana and never shown again',
    },
    site: { label: 'Site', cn: 'cloud.tencent.com', intl: 'tencentcloud.com' },
    accountName: {
      label: 'Account name',
      description: 'Name of this account in tables and labels',
    },
    endpoint: {
      label: 'API endpoint',
      description: 'Base URL of the API, e.g. of a simulator; leave empty for Tencent Cloud',
    },
    dataFolder: {
      label: 'Data folder',
      description:
        'Folder that stores breaks; default: data_path of [plugin.breakwatch-css-datasource]',
    },
    directory: {
      label: 'Directory',
      description:
        'CSV file on the Grafana server that maps streams to room, user, team and contact; optional',
    },
    backfillDays: {
      label: 'Back-fill',
      description: 'Days of history that the first poll reads, 0 to 60',
    },
    keepDays: {
      label: 'Retention',
      description: 'Days that breaks are stored; older ones are deleted. 0 stores all',
    },
  },
} as const;

/**
 * Makes texts that are translated when they are read, because Grafana knows the language only after this module is
 * loaded.
 */
function translated<Texts extends object>(texts: Texts, path = ''): Texts {
  const entries = Object.entries(texts).map(([name, value]): [string, PropertyDescriptor] => {
    const key = `${path}${name}`;
    const nested = typeof value === 'string' ? undefined : translated(value, `${key}.`);
    return [name, { enumerable: true, get: () => nested ?? t(key, value) }];
  });
  return Object.defineProperties({}, Object.fromEntries(entries)) as Texts;
}

/** All texts of the editors, in the language of the user. */
export const LABELS = translated(ENGLISH);
