import {
  BAD_FROM_ONE,
  breaksByCategory,
  COLOURS,
  type DashboardSpec,
  FILTERS,
  shortTime,
  stat,
  table,
} from './dashboard.ts';

/** What a lookup shows. */
const LOOKUP_COLUMNS = ['code', 'title', 'cause', 'fix'];

/** What the on-call sees first. */
export const now: DashboardSpec = {
  name: '',
  title: { en: 'Breakwatch: Now', zh: 'Breakwatch：现在' },
  description: {
    en: 'What is down, since when, why, what to do now, who is on it, and whether collection works.',
    zh: '哪些流断了、何时断的、为什么、现在该做什么、谁在处理，以及采集是否正常。',
  },
  variables: ['account', 'domain', 'category', 'severity', 'stream', 'code'],
  hasAnnotations: true,
  from: 'now-1h',
  panels: [
    stat({
      title: { en: 'Alerts firing', zh: '触发中的告警' },
      description: {
        en: 'Alerts that notify and fire now, with one for each account whose collection is down. "–": Breakwatch does not answer.',
        zh: '当前触发并会通知的告警；采集中断的账号各算一条。“–”表示 Breakwatch 没有应答。',
      },
      place: { x: 0, y: 0, w: 6, h: 3 },
      query: { queryType: 'alerts', value: 'state', filters: FILTERS },
      calculation: 'sum',
      defaults: BAD_FROM_ONE,
    }),
    stat({
      title: { en: 'Streams down in alerts', zh: '告警中断开的流' },
      description: {
        en: 'Streams without a push now, summed over the alerts that notify.',
        zh: '当前没有推流的流数，按会通知的告警相加。',
      },
      place: { x: 6, y: 0, w: 6, h: 3 },
      query: { queryType: 'alerts', value: 'streamsDown', filters: FILTERS },
      calculation: 'sum',
      defaults: BAD_FROM_ONE,
    }),
    stat({
      title: { en: 'Breaks', zh: '断流次数' },
      description: {
        en: 'Pushes that broke or were refused in the time range, without normal stops.',
        zh: '所选时段内中断或被拒的推流，不含正常结束。',
      },
      place: { x: 12, y: 0, w: 6, h: 3 },
      query: { queryType: 'series', measure: 'count', filters: FILTERS },
      calculation: 'sum',
      colour: COLOURS.breaks,
    }),
    stat({
      title: { en: 'Collection', zh: '采集' },
      description: {
        en: 'Whether breaks of every account are collected. BLIND: no poll succeeded for 60 s, so breaks may be missing.',
        zh: '各账号的断流是否都能采集到。“失明”表示 60 秒内轮询均未成功，断流可能缺失。',
      },
      place: { x: 18, y: 0, w: 6, h: 3 },
      query: {
        queryType: 'alerts',
        value: 'state',
        filters: { account: ['$account'] },
      },
      transformations: [
        {
          id: 'filterByValue',
          options: {
            type: 'include',
            match: 'all',
            filters: [{ fieldName: 'kind', config: { id: 'equal', options: { value: 'blind' } } }],
          },
        },
      ],
      calculation: 'max',
      defaults: BAD_FROM_ONE,
      shown: { '0': { en: 'OK', zh: '正常' }, '1': { en: 'BLIND', zh: '失明' } },
    }),
    table({
      title: { en: 'Do now', zh: '立即处理' },
      description: {
        en: 'Firing alerts, most severe first, whatever the time range. Click a card for its incident, or to silence it.',
        zh: '触发中的告警，最严重的在前，与所选时段无关。点击卡片可查看故障或静默。',
      },
      place: { x: 0, y: 3, w: 12, h: 15 },
      query: {
        queryType: 'alerts',
        state: ['firing', 'pending'],
        muted: false,
        columns: ['cardText'],
        whenEmpty: { en: 'Nothing to do: no alert fires.', zh: '无需处理：没有触发中的告警。' },
        limit: 20,
        filters: FILTERS,
      },
      showHeader: false,
    }),
    table({
      title: { en: 'Streams down', zh: '断开的流' },
      description: {
        en: 'Streams without a push now, the longest first. Click a stream for its history.',
        zh: '当前没有推流的流，断得最久的在前。点击流查看历史。',
      },
      place: { x: 12, y: 3, w: 12, h: 8 },
      query: {
        queryType: 'streams',
        state: ['down', 'flapping', 'reconnecting'],
        columns: ['stream', 'since', 'doNow', 'state'],
        whenEmpty: { en: 'No stream is down.', zh: '没有断开的流。' },
        limit: 100,
        filters: FILTERS,
      },
      // A phone shows all of them.
      widths: { stream: 75, since: 58, doNow: 'min:102', state: 105 },
      overrides: [shortTime('since')],
    }),
    table({
      title: { en: 'Open incidents: who is on it', zh: '进行中的故障：谁在处理' },
      description: {
        en: 'Incidents with a stream down. "Taken by" is empty while nobody has taken it. Click one for its card, streams, time line and notes.',
        zh: '仍有流断开的故障。“处理人”为空表示无人处理。点击查看卡片、流、时间线和备注。',
      },
      place: { x: 12, y: 11, w: 12, h: 7 },
      query: {
        queryType: 'incidents',
        state: ['open'],
        columns: ['scope', 'acknowledgedBy', 'streamsDown', 'runbook'],
        whenEmpty: { en: 'No open incident.', zh: '没有进行中的故障。' },
        limit: 20,
        filters: FILTERS,
      },
      widths: {
        scope: 'min:105',
        acknowledgedBy: 75,
        // Grafana cuts a Chinese header that does not fit into one line.
        streamsDown: 75,
        runbook: 85,
      },
    }),
    breaksByCategory({ place: { x: 0, y: 18, w: 12, h: 9 } }),
    table({
      title: { en: 'Latest incident', zh: '最近的故障' },
      description: {
        en: 'The newest incident of the time range, also when it is over: what, since, now, why, what to do, and whether it was seen before.',
        zh: '所选时段内最新的故障（含已结束）：情况、开始、现状、原因、处理办法，以及以前是否出现过。',
      },
      place: { x: 12, y: 18, w: 12, h: 9 },
      query: {
        queryType: 'incidents',
        columns: ['cardText'],
        limit: 1,
        whenEmpty: { en: 'No incident in this time range.', zh: '所选时段内没有故障。' },
        filters: FILTERS,
      },
      showHeader: false,
    }),
    table({
      title: { en: 'Not notified, and why', zh: '未通知及原因' },
      description: {
        en: 'Firing alerts that do not page: a mute interval, a wider alert that explains them, or severity info. This is what would have gone out.',
        zh: '已触发但不通知的告警：处于静默时段、被更大的告警包含，或级别为提示。这些本会发出。',
      },
      place: { x: 0, y: 27, w: 12, h: 7 },
      query: {
        queryType: 'alerts',
        state: ['firing'],
        muted: true,
        columns: ['title', 'muteReason', 'time'],
        whenEmpty: { en: 'No alert is held back.', zh: '没有被抑制通知的告警。' },
        limit: 100,
        filters: FILTERS,
      },
      // Grafana gives neither a time nor a Chinese text that wraps a higher row.
      widths: { title: 'min:105', muteReason: 135, time: 96 },
      overrides: [shortTime('time')],
    }),
    table({
      title: { en: 'Explain code: $code', zh: '查码：$code' },
      description: {
        en: 'What a code or text of CSS means. Enter it in the field "Explain code" above.',
        zh: 'CSS 错误码或原因文字的含义。请在上方“查码”中输入。',
      },
      place: { x: 12, y: 27, w: 12, h: 7 },
      query: { queryType: 'lookup', text: '$code' },
      transformations: [
        { id: 'filterFieldsByName', options: { include: { names: LOOKUP_COLUMNS } } },
        { id: 'transpose', options: { firstFieldName: ' ', restFieldsName: '' } },
      ],
      widths: { ' ': 92 },
    }),
    table({
      title: { en: 'Breaks: cause and fix', zh: '断流：原因和处理' },
      description: {
        en: 'Newest first. Click a stream for its history, a runbook for the whole procedure.',
        zh: '最新的在前。点击流查看历史，点击处理手册查看完整步骤。',
      },
      place: { x: 0, y: 34, w: 24, h: 14 },
      query: {
        queryType: 'breaks',
        whenEmpty: { en: 'No break in this time range.', zh: '所选时段内没有断流。' },
        limit: 200,
        columns: [
          ...['time', 'stream', 'cause', 'fix', 'status', 'severity', 'evidence', 'runbook'],
        ],
        filters: FILTERS,
      },
      widths: {
        time: 75,
        stream: 75,
        cause: 'min:90',
        fix: 'min:100',
        status: 110,
        severity: 85,
        evidence: 'min:170',
        runbook: 110,
      },
      overrides: [shortTime('time', { seconds: true })],
    }),
  ],
};
