import { type DashboardSpec, shortTime, table } from './dashboard.ts';

const INCIDENT = {
  queryType: 'incidents',
  incident: '$incident',
  whenEmpty: {
    en: 'Nothing to show. Choose an incident in the list below.',
    zh: '没有内容。请在下方列表中选择故障。',
  },
} as const;

/** All about one incident. */
export const incident: DashboardSpec = {
  name: '-incident',
  title: { en: 'Breakwatch: One incident', zh: 'Breakwatch：单个故障' },
  description: {
    en: 'The card, streams, time line and notes of one incident. Come from a link, or click an incident in the list below.',
    zh: '单个故障的卡片、流、时间线和备注。由链接进入，或点击下方列表中的故障。',
  },
  variables: ['incident', 'account'],
  hasAnnotations: false,
  from: 'now-24h',
  panels: [
    table({
      title: { en: 'At a glance', zh: '概览' },
      description: {
        en: 'State, who is on it, runbook and numbers. Take it, or add a note, on the page of Breakwatch.',
        zh: '状态、处理人、处理手册和数字。在 Breakwatch 页面上接手或添加备注。',
      },
      place: { x: 0, y: 0, w: 24, h: 5 },
      query: {
        ...INCIDENT,
        columns: [
          ...['state', 'acknowledgedBy', 'streamsDown', 'runbook', 'severity', 'category'],
          ...['streams', 'breaks', 'lostMinutes', 'side', 'page'],
        ],
      },
      widths: {
        ...{ state: 90, acknowledgedBy: 75, streamsDown: 75, runbook: 'min:100', severity: 80 },
        ...{ category: 90, streams: 80, breaks: 75, lostMinutes: 95, side: 130 },
      },
    }),
    table({
      title: { en: 'Card', zh: '卡片' },
      description: {
        en: 'What, since, now, why, evidence, what to do, what it cost and whether it was seen before, as it is now.',
        zh: '情况、开始、现状、原因、依据、处理办法、损失，以及以前是否出现过；均为当前状态。',
      },
      place: { x: 0, y: 5, w: 12, h: 11 },
      query: { ...INCIDENT, columns: ['cardText'] },
      showHeader: false,
    }),
    table({
      title: { en: 'Time line and notes', zh: '时间线和备注' },
      description: {
        en: 'What happened, who took it, and what people noted, from the start.',
        zh: '发生了什么、谁接手、大家的备注，从头开始。',
      },
      place: { x: 12, y: 5, w: 12, h: 11 },
      query: { ...INCIDENT, part: 'story', columns: ['time', 'what', 'text', 'by', 'down'] },
      // Grafana gives a time that wraps no higher row.
      widths: { time: 117, what: 'min:100', text: 'min:63', by: 60, down: 110 },
      overrides: [shortTime('time', { seconds: true })],
    }),
    table({
      title: { en: 'Its streams', zh: '涉及的流' },
      description: {
        en: 'Streams of its scope that broke while it lasted, those that are down first. Click one for its history.',
        zh: '影响范围内在此期间断流的流，断开的在前。点击流查看历史。',
      },
      place: { x: 0, y: 16, w: 24, h: 9 },
      query: {
        ...INCIDENT,
        part: 'streams',
        limit: 500,
        columns: ['stream', 'since', 'cause', 'state', 'attempts', 'clientIp', 'node', 'domain'],
      },
      widths: {
        // Grafana gives a time that wraps no higher row.
        ...{ stream: 75, since: 88, cause: 'min:82', state: 95 },
        ...{ attempts: 80, clientIp: 120, node: 120, domain: 170 },
      },
      overrides: [shortTime('since')],
    }),
    table({
      title: { en: 'Incidents of the time range', zh: '所选时段内的故障' },
      description: {
        en: 'Newest first. Click a cause to show that incident above.',
        zh: '最新的在前。点击原因即可在上方查看该故障。',
      },
      place: { x: 0, y: 25, w: 24, h: 10 },
      query: {
        queryType: 'incidents',
        whenEmpty: { en: 'No incident in this time range.', zh: '所选时段内没有故障。' },
        limit: 100,
        columns: [
          ...['time', 'cause', 'scope', 'state', 'severity', 'category', 'streams'],
          ...['lostMinutes', 'acknowledgedBy', 'timeEnd'],
        ],
        filters: { account: ['$account'] },
      },
      widths: {
        ...{ time: 88, cause: 'min:90', scope: 'min:77', state: 85, severity: 80, category: 90 },
        ...{ streams: 80, lostMinutes: 95, acknowledgedBy: 75, timeEnd: 70 },
      },
      overrides: [shortTime('time'), shortTime('timeEnd')],
    }),
  ],
};
