import type { IncidentState, StreamState } from '../../model/incident.ts';
import type { AlertValue, FilterName, QueryType, SeriesMeasure } from '../../model/query.ts';

/** Every word of the editors in one place, so that a translation has one file to replace. */
export const LABELS = {
  queryType: {
    label: 'Query type',
    options: {
      breaks: { label: 'Breaks', description: 'Table of breaks with cause and fix, newest first' },
      series: { label: 'Series', description: 'Breaks over time' },
      annotations: { label: 'Annotations', description: 'Regions from break to recovery' },
      incidents: {
        label: 'Incidents',
        description: 'Breaks with one cause put together: scope, next step, lost minutes',
      },
      streams: { label: 'Streams', description: 'What each stream is doing now; down first' },
      alerts: {
        label: 'Alerts',
        description: 'What needs somebody now; the type for alert rules',
      },
      lookup: { label: 'Lookup', description: 'What does this code or text mean?' },
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
    placeholder: 'Table for people',
    tooltip: 'One number an alert, for alert rules; labels stay the same while an alert lasts',
    options: {
      state: { label: 'State', description: '1 while it fires, else 0; 1 for a blind account' },
      minutes: { label: 'Minutes', description: 'Minutes without a push, summed over streams' },
      streams: { label: 'Streams', description: 'Streams hit' },
      streamsDown: { label: 'Streams down', description: 'Streams down now' },
      share: { label: 'Share', description: 'Part of the live pushes of its scope' },
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
    } satisfies Record<IncidentState | StreamState, string>,
  },
  groupBy: { label: 'Group by', placeholder: 'One series for all' },
  limit: {
    label: 'Limit',
    tooltip: {
      breaks: 'Rows at most (1,000 if empty, up to 100,000)',
      series: 'Groups at most, the biggest first (50 if empty)',
      annotations: 'Regions at most (200 if empty); overlapping ones are merged',
      incidents: 'Incidents at most, the newest first (100 if empty, up to 1,000)',
      streams: 'Streams at most, those that are down first (1,000 if empty, up to 10,000)',
      alerts: 'Alerts at most, those that fire first (1,000 if empty, up to 10,000)',
    },
  },
  gaps: {
    label: 'Gaps',
    tooltip:
      'Shade when no data was collected, instead of breaks; of the filters only account counts',
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
  alertVariables: 'Alert rules know no dashboard variables: in a rule, give the values themselves.',
  config: {
    mode: {
      label: 'Mode',
      remote: 'Remote',
      remoteDescription: 'Ask a breakwatch serve: callbacks and polling, shared by many Grafanas',
      embedded: 'Embedded',
      embeddedDescription: 'Poll the CSS API inside Grafana; no callbacks, no other program',
    },
    url: {
      label: 'Server URL',
      description: 'Address of breakwatch serve, e.g. http://127.0.0.1:7070',
    },
    token: {
      label: 'Token',
      description: 'Value of BREAKWATCH_TOKEN; empty when the server has none',
    },
    secretId: {
      label: 'SecretId',
      description: 'Of a CAM user with the policy QcloudLIVEReadOnlyAccess',
    },
    secretKey: { label: 'SecretKey', description: 'Kept encrypted by Grafana, never shown again' },
    site: { label: 'Site', cn: 'cloud.tencent.com', intl: 'tencentcloud.com' },
    accountName: { label: 'Account name', description: 'How tables and labels call this account' },
    endpoint: {
      label: 'API endpoint',
      description: "Another base URL, e.g. a simulator's; empty for Tencent Cloud",
    },
    dataFolder: {
      label: 'Data folder',
      description:
        'Where breaks are kept; empty for data_path of [plugin.breakwatch-css-datasource]',
    },
    directory: {
      label: 'Directory',
      description:
        "CSV file on Grafana's machine that names streams by room, user, team and contact; may be empty",
    },
    backfillDays: {
      label: 'Back-fill',
      description: 'Days that the first poll reaches back, 0 to 60',
    },
    keepDays: {
      label: 'Days kept',
      description: 'What is older is taken away; 0 keeps all',
    },
    configured: 'configured',
  },
} as const;
