import type { FieldConfig, ValueMapping } from '../model/frame.ts';
import { INCIDENT_STATES, STREAM_STATES } from '../model/incident.ts';
import { WORDS } from '../model/localized-text.ts';
import {
  CATEGORY_COLOURS,
  CONFIDENCES,
  type Language,
  OUTCOMES,
  SEVERITY_COLOURS,
  SIDES,
  STATUS_COLOURS,
} from '../model/vocabulary.ts';
import { columnName } from './column-names.ts';

/** Colours of states of streams, incidents and alerts. */
const STATE_COLOURS: Record<string, string> = {
  down: STATUS_COLOURS.bad,
  open: STATUS_COLOURS.bad,
  firing: STATUS_COLOURS.bad,
  flapping: STATUS_COLOURS.uncertain,
  reconnecting: STATUS_COLOURS.uncertain,
  pending: STATUS_COLOURS.uncertain,
  silent: STATUS_COLOURS.neutral,
  ended: STATUS_COLOURS.neutral,
  recovered: STATUS_COLOURS.good,
  resolved: STATUS_COLOURS.good,
  live: STATUS_COLOURS.good,
};

/** Words for the states, which the phrasebooks of cards write in capitals. */
const STATE_WORDS: Record<Exclude<Language, 'en'>, Record<string, string>> = {
  zh: {
    down: '断开',
    open: '进行中',
    firing: '触发中',
    flapping: '反复断流',
    reconnecting: '重连中',
    pending: '待确认',
    silent: '无动静',
    ended: '已结束',
    recovered: '已恢复',
    resolved: '已解决',
    live: '在线',
  },
  ja: {
    down: '停止',
    open: '継続中',
    firing: '発報中',
    flapping: '断続',
    reconnecting: '再接続中',
    pending: '確認中',
    silent: '動きなし',
    ended: '終了',
    recovered: '復帰',
    resolved: '解決',
    live: '配信中',
  },
  ko: {
    down: '중단',
    open: '진행 중',
    firing: '발생 중',
    flapping: '반복 중단',
    reconnecting: '재연결 중',
    pending: '확인 중',
    silent: '움직임 없음',
    ended: '종료',
    recovered: '복구',
    resolved: '해결',
    live: '송출 중',
  },
};

/** What a stream did, in a state timeline. */
const HISTORY_COLOURS: Record<string, string> = {
  live: STATUS_COLOURS.good,
  down: STATUS_COLOURS.bad,
  refused: STATUS_COLOURS.uncertain,
  ended: STATUS_COLOURS.neutral,
};

const HISTORY_WORDS: Record<Language, Record<string, string>> = {
  en: { live: 'live', down: 'down', refused: 'down, refused', ended: 'ended' },
  zh: { live: '在线', down: '断开', refused: '断开，被拒', ended: '已结束' },
  ja: { live: '配信中', down: '停止', refused: '停止、拒否', ended: '終了' },
  ko: { live: '송출 중', down: '중단', refused: '중단, 거부', ended: '종료' },
};

/** What came of a page, and what people said of its cause. */
const QUALITY_COLOURS = {
  result: {
    open: STATUS_COLOURS.bad,
    over: STATUS_COLOURS.done,
    healed: STATUS_COLOURS.neutral,
    silent: STATUS_COLOURS.neutral,
  },
  verdict: { right: STATUS_COLOURS.good, wrong: STATUS_COLOURS.bad },
} as const;

const QUALITY_WORDS: Record<Language, Record<'result' | 'verdict', Record<string, string>>> = {
  en: {
    result: { open: 'open', over: 'over', healed: 'healed by itself', silent: 'silent' },
    verdict: {},
  },
  zh: {
    result: { open: '进行中', over: '已结束', healed: '自行恢复', silent: '无动静' },
    verdict: { right: '正确', wrong: '错误' },
  },
  ja: {
    result: { open: '継続中', over: '終了', healed: '自然に復帰', silent: '動きなし' },
    verdict: { right: '正しい', wrong: '誤り' },
  },
  ko: {
    result: { open: '진행 중', over: '종료', healed: '저절로 복구', silent: '움직임 없음' },
    verdict: { right: '맞음', wrong: '틀림' },
  },
};

const PILL: FieldConfig['custom'] = { cellOptions: { type: 'pill' } };

/** A pill for each value, in its colour and in the words of the language. */
function pills(colours: Record<string, string>, words: Record<string, string> = {}): FieldConfig {
  // Grafana colours a pill by its text, so a translated value needs its colour under both names.
  const translated = Object.entries(words).flatMap(([value, word]) =>
    colours[value] ? [[word, colours[value]] as const] : [],
  );
  const all = { ...Object.fromEntries(translated), ...colours };
  const values = [...Object.keys(colours), ...translated.map(([word]) => word)];
  return { mappings: mappingOf(values, words, all), custom: PILL };
}

function mappingOf(
  values: readonly string[],
  words: Record<string, string>,
  colours: Record<string, string> = {},
): ValueMapping[] {
  const options = Object.fromEntries(
    values.map((value, index) => [
      value,
      {
        index,
        ...(words[value] ? { text: words[value] } : {}),
        ...(colours[value] ? { color: colours[value] } : {}),
      },
    ]),
  );
  return [{ type: 'value', options }];
}

/** What every table shows alike in the columns of this name. */
function commonConfig(column: string, language: Language): FieldConfig {
  const words = WORDS[language];
  switch (column) {
    case 'severity':
      return pills(SEVERITY_COLOURS, words.severity);
    case 'category':
      return pills(CATEGORY_COLOURS, words.category);
    case 'state': {
      const states = [...INCIDENT_STATES, ...STREAM_STATES, 'firing', 'pending'];
      const colours = Object.fromEntries(
        states.map((state) => [state, STATE_COLOURS[state] ?? '']),
      );
      return pills(colours, language === 'en' ? {} : STATE_WORDS[language]);
    }
    case 'history':
      return {
        mappings: mappingOf(Object.keys(HISTORY_COLOURS), HISTORY_WORDS[language], HISTORY_COLOURS),
      };
    case 'side':
      return { mappings: mappingOf(SIDES, words.side) };
    case 'confidence':
      return { mappings: mappingOf(CONFIDENCES, words.confidence) };
    case 'outcome':
      return { mappings: mappingOf(OUTCOMES, words.outcome) };
    case 'result':
    case 'verdict':
      return pills(QUALITY_COLOURS[column], QUALITY_WORDS[language][column]);
    case 'cardText':
      return { custom: { wrapText: true } };
    default:
      return {};
  }
}

/** Who reads a table. */
export interface TableReader {
  language: Language;
  /** Address of Breakwatch in the browser; absent when it is not known. */
  pageUrl?: string | null | undefined;
}

/** Suffix of the dashboards in a language. They exist in English and Chinese. */
function dashboards(language: Language): string {
  return language === 'zh' ? '-zh' : '';
}

/** The dashboard of one stream. Its row has the columns `account`, `domain` and `app`, perhaps hidden. */
function streamLink(language: Language): FieldConfig {
  const key = ['account', 'domain', 'app'].map(
    (name) => `&var-${name}=\${__data.fields.${name}:percentencode}`,
  );
  return {
    links: [
      {
        title: '${__value.text}',
        url: `/d/breakwatch-stream${dashboards(language)}?var-stream=\${__value.raw:percentencode}${key.join('')}&\${__url_time_range}`,
      },
    ],
  };
}

/** The dashboard of the incident whose id the column `of` has, perhaps hidden. */
function incidentLink(of: string, language: Language): FieldConfig {
  return {
    links: [
      {
        title: INCIDENT_TITLE[language],
        url: `/d/breakwatch-incident${dashboards(language)}?var-incident=\${__data.fields.${of}:percentencode}&\${__url_time_range}`,
      },
    ],
  };
}

const INCIDENT_TITLE: Record<Language, string> = {
  en: 'The incident',
  zh: '此故障',
  ja: 'このインシデント',
  ko: '이 인시던트',
};

const SILENCE_TITLE: Record<Language, string> = {
  en: 'Silence it in Grafana',
  zh: '在 Grafana 中静默',
  ja: 'Grafana でサイレンスにする',
  ko: 'Grafana에서 음소거',
};

/** Pages of the server about the values of a column, in every table. */
const PAGES_OF_COLUMNS: Record<string, string | undefined> = {
  runbook: '/runbooks/${__value.raw:percentencode}',
  code: '/lookup?code=${__value.raw:percentencode}',
  reason: '/lookup?code=${__value.raw:percentencode}',
};

/** Links by table and column. */
function linksOf(table: string, column: string, reader: TableReader): FieldConfig {
  const { language, pageUrl } = reader;
  switch (`${table}.${column}`) {
    case 'breaks.stream':
    case 'logs.stream':
    case 'pushes.stream':
    case 'streams.stream':
      return streamLink(language);
    case 'incidents.scope':
    case 'incidents.cause':
    case 'incidents.cardText':
      return incidentLink('id', language);
    case 'quality.title':
      return incidentLink('incident', language);
    case 'alerts.title':
    case 'alerts.cardText': {
      const { links = [] } = incidentLink('incident', language);
      const url =
        '/alerting/silence/new?alertmanager=grafana&matcher=alert%3D${__data.fields.id:percentencode}';
      return { links: [...links, { title: SILENCE_TITLE[language], url }] };
    }
    case 'incidents.page':
      return toPage(pageUrl, '/?incident=${__value.raw:percentencode}');
    default: {
      const path = PAGES_OF_COLUMNS[column];
      return path === undefined ? {} : toPage(pageUrl, path);
    }
  }
}

/** A link to the server's own page, when its address in the browser is known. */
function toPage(pageUrl: string | null | undefined, path: string): FieldConfig {
  const url = `${pageUrl?.replace(/\/+$/, '')}${path}`;
  return pageUrl ? { links: [{ title: '${__value.text}', url, targetBlank: true }] } : {};
}

/**
 * How a column of a table is shown: its name, the words and colours of its values, and its links. `own` is what the
 * column says itself, and wins.
 */
export function columnConfig(
  table: string,
  column: string,
  reader: TableReader,
  own: FieldConfig = {},
): FieldConfig | undefined {
  const displayName = columnName(table, column, reader.language);
  const common = commonConfig(column, reader.language);
  const custom = { ...common.custom, ...own.custom };
  const config: FieldConfig = {
    ...(displayName ? { displayName } : {}),
    ...common,
    ...linksOf(table, column, reader),
    ...own,
    ...(Object.keys(custom).length > 0 ? { custom } : {}),
  };
  return Object.keys(config).length > 0 ? config : undefined;
}
