import {
  bars,
  breaksByCategory,
  COLOURS,
  type DashboardSpec,
  type PanelQuery,
  shortTime,
  stat,
  table,
} from './dashboard.ts';

const ONE_STREAM = {
  account: ['$account'],
  domain: ['$domain'],
  app: ['$app'],
  stream: ['$stream'],
} satisfies PanelQuery['filters'];

/** The history of one stream, or of some. */
export const stream: DashboardSpec = {
  name: '-stream',
  title: { en: 'Breakwatch: One stream', zh: 'Breakwatch：单路流' },
  description: {
    en: 'State, breaks with cause and evidence, and incidents of one stream. Enter its name above, or come from a link.',
    zh: '单路流的状态、断流（含原因和依据）及相关故障。请在上方输入流名，或由链接进入。',
  },
  variables: ['account', 'domain', 'app', 'stream'],
  hasAnnotations: true,
  from: 'now-24h',
  panels: [
    table({
      title: { en: 'State of $stream', zh: '$stream 的状态' },
      description: {
        en: 'The state at the end of the time range, since when, why and what to do. The longest down comes first.',
        zh: '所选时段末的状态、开始时间、原因和处理办法。断得最久的在前。',
      },
      place: { x: 0, y: 0, w: 16, h: 9 },
      query: {
        queryType: 'streams',
        whenEmpty: {
          en: 'No such stream broke or ended in this time range.',
          zh: '所选时段内没有这样的流断开或结束。',
        },
        columns: ['state', 'since', 'cause', 'doNow', 'stream', 'attempts', 'recentBreaks'],
        limit: 100,
        filters: ONE_STREAM,
      },
      widths: {
        state: 102,
        since: 58,
        cause: 'min:85',
        doNow: 'min:95',
        stream: 85,
        attempts: 80,
        recentBreaks: 95,
      },
      overrides: [shortTime('since')],
    }),
    stat({
      title: { en: 'Breaks', zh: '断流次数' },
      description: {
        en: 'Breaks and refused attempts in the time range.',
        zh: '所选时段内的断流和被拒次数。',
      },
      place: { x: 16, y: 0, w: 4, h: 9 },
      query: { queryType: 'series', measure: 'count', filters: ONE_STREAM },
      calculation: 'sum',
      colour: COLOURS.breaks,
    }),
    stat({
      title: { en: 'Lost minutes', zh: '损失分钟数' },
      description: {
        en: 'Minutes without a push in the time range.',
        zh: '所选时段内没有推流的分钟数。',
      },
      place: { x: 20, y: 0, w: 4, h: 9 },
      query: { queryType: 'series', measure: 'lostMinutes', filters: ONE_STREAM },
      calculation: 'sum',
      colour: COLOURS.lostMinutes,
    }),
    {
      type: 'state-timeline',
      title: { en: 'Live, down, refused', zh: '在线、断开、被拒' },
      description: {
        en: 'What the stream did: green is live, red is down, orange is down with refused attempts, grey is ended as planned. Empty: not known.',
        zh: '流的状态：绿色在线，红色断开，橙色断开且尝试被拒，灰色正常结束。空白表示未知。',
      },
      place: { x: 0, y: 9, w: 24, h: 5 },
      query: { queryType: 'streams', history: 'timeline', filters: ONE_STREAM },
      defaults: { custom: { fillOpacity: 80, lineWidth: 0, insertNulls: false, spanNulls: false } },
      options: {
        mergeValues: true,
        showValue: 'auto',
        alignValue: 'left',
        rowHeight: 0.8,
        legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
        tooltip: { mode: 'single', sort: 'none' },
      },
    },
    bars({
      title: { en: 'Minutes without a push', zh: '没有推流的分钟数' },
      description: {
        en: 'When it was down: minutes without a push in each step. Regions are incidents.',
        zh: '断开的时间：每个时间步内没有推流的分钟数。色带为故障。',
      },
      place: { x: 0, y: 14, w: 12, h: 8 },
      query: {
        queryType: 'series',
        measure: 'lostMinutes',
        groupBy: ['stream'],
        limit: 20,
        filters: ONE_STREAM,
      },
    }),
    breaksByCategory(
      {
        description: { en: 'Why it broke, over time.', zh: '断流原因随时间的变化。' },
        place: { x: 12, y: 14, w: 12, h: 8 },
      },
      ONE_STREAM,
    ),
    table({
      title: { en: 'Breaks with evidence', zh: '断流及依据' },
      description: {
        en: 'Every break and refused attempt, newest first, with what CSS said and what was measured.',
        zh: '每次断流和被拒，最新的在前，含 CSS 原文和测量依据。',
      },
      place: { x: 0, y: 22, w: 24, h: 14 },
      query: {
        queryType: 'breaks',
        whenEmpty: { en: 'No break in this time range.', zh: '所选时段内没有断流。' },
        limit: 200,
        columns: [
          ...['time', 'cause', 'fix', 'status', 'severity', 'evidence', 'code', 'reasonText'],
          ...['clientIp', 'runbook', 'stream'],
        ],
        filters: ONE_STREAM,
      },
      widths: {
        time: 75,
        cause: 'min:115',
        fix: 'min:150',
        status: 90,
        severity: 80,
        evidence: 'min:190',
        code: 70,
        reasonText: 'min:140',
        clientIp: 110,
        runbook: 110,
        stream: 95,
      },
      overrides: [shortTime('time', { seconds: true })],
    }),
    table({
      title: { en: 'Pushes', zh: '推流记录' },
      description: {
        en: 'Every push of the time range, newest first: from when to when, how it ended, from which address.',
        zh: '所选时段内的每次推流，最新的在前：起止时间、如何结束、来自哪个地址。',
      },
      place: { x: 0, y: 36, w: 24, h: 9 },
      query: {
        queryType: 'streams',
        history: 'pushes',
        whenEmpty: { en: 'No push in this time range is known.', zh: '所选时段内没有已知的推流。' },
        limit: 200,
        columns: [
          ...['time', 'timeEnd', 'outcome', 'durationMs', 'category', 'clientIp', 'node'],
          ...['resolution', 'stream'],
        ],
        filters: ONE_STREAM,
      },
      // Grafana gives a time that wraps no higher row.
      widths: { time: 120, timeEnd: 120, outcome: 95, durationMs: 85, category: 90 },
      overrides: [shortTime('time', { seconds: true }), shortTime('timeEnd', { seconds: true })],
    }),
    table({
      title: { en: 'Incidents', zh: '故障' },
      description: {
        en: 'Incidents that the stream was part of, newest first. Click one for its card and time line.',
        zh: '该流所属的故障，最新的在前。点击查看卡片和时间线。',
      },
      place: { x: 0, y: 45, w: 24, h: 9 },
      query: {
        queryType: 'incidents',
        whenEmpty: { en: 'No incident in this time range.', zh: '所选时段内没有故障。' },
        limit: 50,
        columns: [
          ...['time', 'state', 'cause', 'doNow', 'scope', 'timeEnd'],
          ...['streams', 'lostMinutes', 'acknowledgedBy', 'runbook'],
        ],
        filters: ONE_STREAM,
      },
      widths: {
        ...{ time: 88, state: 85, cause: 'min:80', doNow: 'min:87', scope: 'min:160' },
        ...{ timeEnd: 88, streams: 75, lostMinutes: 95, acknowledgedBy: 75, runbook: 110 },
      },
      overrides: [shortTime('time'), shortTime('timeEnd')],
    }),
  ],
};
