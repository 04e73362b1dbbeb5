import type { SeriesGroupBy } from '../../model/query.ts';
import {
  bars,
  breaksByCategory,
  COLOURS,
  type DashboardSpec,
  FILTERS,
  type PanelQuery,
  type Place,
  type Text,
  table,
  topList,
} from './dashboard.ts';

function top(by: SeriesGroupBy, title: Text, description: Text, place: Place, colour: string) {
  return topList({
    title,
    description,
    place,
    colour,
    query: {
      queryType: 'series',
      measure: 'count',
      groupBy: [by],
      limit: 1_000,
      filters: { ...FILTERS, ...knownOnly(by) },
    },
  });
}

/** Without the breaks whose node or address is not known. */
function knownOnly(by: SeriesGroupBy): PanelQuery['filters'] {
  const known = ['*.*', '*:*'];
  return by === 'node' ? { node: known } : /^client/.test(by) ? { clientIp: known } : {};
}

/** Why streams break, by all that causes have in common, and against last week. */
export const causes: DashboardSpec = {
  name: '-causes',
  title: { en: 'Breakwatch: Causes', zh: 'Breakwatch：原因' },
  description: {
    en: 'Why streams break: category, side, rule, node and network, this week against last week.',
    zh: '流为什么断：类别、责任方、规则、节点和网络，并与上周对比。',
  },
  variables: ['account', 'domain', 'category', 'severity', 'stream'],
  hasAnnotations: true,
  from: 'now-7d',
  panels: [
    breaksByCategory({ place: { x: 0, y: 0, w: 12, h: 9 } }),
    breaksByCategory({
      title: { en: 'A week earlier', zh: '一周前' },
      description: {
        en: 'The same time range seven days earlier, to tell whether this is the same as last week.',
        zh: '七天前的同一时段，用来判断是否与上周相同。',
      },
      place: { x: 12, y: 0, w: 12, h: 9 },
      timeShift: '7d',
    }),
    bars({
      title: { en: 'Minutes without a push, by category', zh: '没有推流的分钟数（按类别）' },
      description: {
        en: 'How long recovery took: minutes without a push, summed over streams.',
        zh: '恢复用了多久：没有推流的分钟数，各路流相加。',
      },
      place: { x: 0, y: 9, w: 12, h: 9 },
      query: {
        queryType: 'series',
        measure: 'lostMinutes',
        groupBy: ['category'],
        filters: FILTERS,
      },
    }),
    bars({
      title: { en: 'Breaks by side', zh: '断流次数（按责任方）' },
      description: {
        en: 'Who has to act: us, the broadcaster, the network, Tencent, or the owner of the account.',
        zh: '该由谁处理：我方、主播、网络、腾讯云或账号所有者。',
      },
      place: { x: 12, y: 9, w: 12, h: 9 },
      query: { queryType: 'series', measure: 'count', groupBy: ['side'], filters: FILTERS },
    }),
    table({
      title: { en: 'Time to recover', zh: '恢复时长' },
      description: {
        en: 'How long streams were down, by the cause of their first break, beside a week earlier. Half of the outages were over within the median, 95 % within the 95th percentile.',
        zh: '流断开后多久恢复，按首次断流的原因统计，并与一周前对比。一半的中断在中位数内恢复，95% 在第 95 百分位内恢复。',
      },
      place: { x: 0, y: 18, w: 24, h: 11 },
      query: {
        queryType: 'recovery',
        whenEmpty: { en: 'No outage began in this time range.', zh: '所选时段内没有开始的中断。' },
        limit: 30,
        columns: [
          ...['rule', 'medianMs', 'p95Ms', 'outages', 'stillDown', 'category'],
          ...['medianBeforeMs', 'p95BeforeMs', 'outagesBefore'],
        ],
        filters: FILTERS,
      },
      widths: {
        rule: 'min:118',
        medianMs: 70,
        p95Ms: 80,
        outages: 72,
        stillDown: 85,
        category: 90,
        medianBeforeMs: 125,
        p95BeforeMs: 125,
        outagesBefore: 125,
      },
    }),
    top(
      'rule',
      { en: 'Rules', zh: '规则' },
      { en: 'Rules that diagnosed most breaks.', zh: '诊断断流最多的规则。' },
      { x: 0, y: 29, w: 8, h: 11 },
      COLOURS.rules,
    ),
    top(
      'stream',
      { en: 'Streams', zh: '流' },
      { en: 'Streams with the most breaks.', zh: '断流最多的流。' },
      { x: 8, y: 29, w: 8, h: 11 },
      COLOURS.breaks,
    ),
    top(
      'clientNetwork',
      { en: 'Client networks', zh: '推流端网段' },
      {
        en: 'Networks of encoders with the most breaks: /24 of IPv4, /48 of IPv6. One that stands out is a fault of its access network.',
        zh: '断流最多的推流端网段：IPv4 取 /24，IPv6 取 /48。明显突出的网段可能是接入网络有故障。',
      },
      { x: 16, y: 29, w: 8, h: 11 },
      COLOURS.addresses,
    ),
    top(
      'node',
      { en: 'Nodes', zh: '节点' },
      {
        en: 'Nodes of CSS with the most breaks. One that stands out is a fault of the node.',
        zh: '断流最多的 CSS 节点。明显突出的节点可能有故障。',
      },
      { x: 0, y: 40, w: 12, h: 11 },
      COLOURS.nodes,
    ),
    top(
      'clientIp',
      { en: 'Client addresses', zh: '推流端地址' },
      {
        en: 'Addresses of encoders with the most breaks. Many streams of one address share its network.',
        zh: '断流最多的推流端地址。同一地址的多路流共用一个网络。',
      },
      { x: 12, y: 40, w: 12, h: 11 },
      COLOURS.addresses,
    ),
  ],
};
