import { bars, type DashboardSpec, shortTime, table } from './dashboard.ts';

/** Filters that pages and feedback have both: feedback knows no places. */
const FILTERS = {
  account: ['$account'],
  category: ['$category'],
  severity: ['$severity'],
};

/** Whether the pages were worth it, and the causes right. */
export const quality: DashboardSpec = {
  name: '-quality',
  title: { en: 'Breakwatch: Alert quality', zh: 'Breakwatch：告警质量' },
  description: {
    en: 'How many alerts paged, how many of them healed by themselves, and how often people said that the cause was right.',
    zh: '有多少告警呼叫了人，其中多少自行恢复，以及大家认为原因正确的比例。',
  },
  variables: ['account', 'category', 'severity'],
  hasAnnotations: false,
  from: 'now-30d',
  panels: [
    {
      type: 'stat',
      title: { en: 'In the time range', zh: '所选时段' },
      description: {
        en: 'A page healed by itself when it was over within 10 minutes, before anybody took it. Accuracy is the part of the feedback that says right. "–": no page, or no feedback.',
        zh: '呼叫后 10 分钟内、无人接手之前就结束的，算自行恢复。准确率为反馈中“正确”的比例。“–”表示没有呼叫或没有反馈。',
      },
      place: { x: 0, y: 0, w: 24, h: 5 },
      query: {
        queryType: 'quality',
        columns: [
          ...['pages', 'healed', 'healedShare', 'taken', 'takenAfterMs'],
          ...['right', 'wrong', 'accuracy'],
        ],
        filters: FILTERS,
      },
      defaults: { color: { mode: 'fixed', fixedColor: 'text' } },
      options: {
        reduceOptions: { values: false, calcs: ['lastNotNull'], fields: '' },
        colorMode: 'value',
        graphMode: 'none',
        textMode: 'value_and_name',
        justifyMode: 'auto',
        orientation: 'auto',
        wideLayout: true,
      },
    },
    bars({
      title: { en: 'Pages', zh: '呼叫' },
      description: {
        en: 'Pages over time. Grey ones healed by themselves: they could have waited.',
        zh: '呼叫次数随时间的变化。灰色的自行恢复，本可不必呼叫。',
      },
      place: { x: 0, y: 5, w: 24, h: 9 },
      query: { queryType: 'quality', show: 'time', filters: FILTERS },
      maxDataPoints: 60,
    }),
    table({
      title: { en: 'By rule', zh: '按规则' },
      description: {
        en: 'Rules that paged or got feedback, those that paged most first. Give a rule whose pages heal a longer "for", and look at one whose causes are wrong.',
        zh: '呼叫过或有反馈的规则，呼叫最多的在前。若某规则的呼叫多会自行恢复，请加长其 "for"；若原因常错，请检查该规则。',
      },
      place: { x: 0, y: 14, w: 24, h: 10 },
      query: {
        queryType: 'quality',
        show: 'rules',
        whenEmpty: {
          en: 'No rule paged or got feedback in this time range.',
          zh: '所选时段内没有规则呼叫或收到反馈。',
        },
        columns: [
          ...['rule', 'pages', 'healed', 'accuracy', 'healedShare', 'taken', 'takenAfterMs'],
          ...['overAfterMs', 'right', 'wrong', 'low', 'high'],
        ],
        filters: FILTERS,
      },
      widths: {
        rule: 'min:120',
        // Grafana cuts a Chinese header that does not fit into one line.
        pages: 70,
        healed: 70,
        healedShare: 105,
        taken: 75,
        takenAfterMs: 85,
        overAfterMs: 85,
        right: 75,
        wrong: 75,
        accuracy: 80,
        low: 75,
        high: 75,
      },
    }),
    table({
      title: { en: 'Every page', zh: '每次呼叫' },
      description: {
        en: 'Pages, newest first, with what came of them. Click one for its incident. Say on the page of Breakwatch whether the cause was right.',
        zh: '每次呼叫及其结果，最新的在前。点击查看故障。原因是否正确，请在 Breakwatch 页面上反馈。',
      },
      place: { x: 0, y: 24, w: 24, h: 12 },
      query: {
        queryType: 'quality',
        show: 'pages',
        whenEmpty: { en: 'Nobody was paged in this time range.', zh: '所选时段内没有呼叫。' },
        limit: 200,
        columns: [
          ...['time', 'title', 'result', 'overAfterMs', 'takenAfterMs', 'verdict'],
          ...['severity', 'rule'],
        ],
        filters: FILTERS,
      },
      widths: {
        // Grafana gives a time that wraps no higher row.
        time: 96,
        title: 'min:134',
        result: 110,
        overAfterMs: 85,
        takenAfterMs: 85,
        verdict: 85,
        severity: 90,
        rule: 150,
      },
      overrides: [shortTime('time')],
    }),
  ],
};
