import type { Frame } from '../../model/frame.ts';
import type {
  IncidentRemarks,
  ScopeKind,
  StoredIncident,
  StoredRemarks,
  TimelineEntry,
} from '../../model/incident.ts';
import type { Filters, IncidentsQuery } from '../../model/query.ts';
import type { Language } from '../../model/vocabulary.ts';
import type { QueryContext, StopSignal } from '../query-context.ts';
import { answerStreams } from '../streams.ts';
import { buildTable, type Column, WIDE_TEXT } from '../table.ts';
import { findStoredById } from './stored-incidents.ts';

type Kind = TimelineEntry['kind'] | 'taken' | 'released' | 'note' | 'fixed';

const WHAT: Record<Language, Record<Kind, string>> = {
  en: {
    opened: 'Began',
    blocked: 'The streams are refused now',
    recovered: 'All streams recovered',
    reopened: 'Broke again',
    resolved: 'Resolved',
    silent: 'No push attempt for hours: closed',
    taken: 'Taken',
    released: 'Released',
    note: 'Note',
    fixed: 'Note: this fixed it',
  },
  zh: {
    opened: '开始',
    blocked: '流现在被拒绝',
    recovered: '所有流已恢复',
    reopened: '再次断流',
    resolved: '已解决',
    silent: '数小时没有推流尝试，已关闭',
    taken: '有人接手',
    released: '放手',
    note: '备注',
    fixed: '备注：这样修好的',
  },
  ja: {
    opened: '開始',
    blocked: '配信が拒否されている',
    recovered: '全ストリームが復帰',
    reopened: '再び中断',
    resolved: '解決',
    silent: '数時間試行がないため終了',
    taken: '対応開始',
    released: '対応終了',
    note: 'メモ',
    fixed: 'メモ：これで直った',
  },
  ko: {
    opened: '시작',
    blocked: '푸시가 거부되고 있음',
    recovered: '모든 스트림 복구',
    reopened: '다시 중단',
    resolved: '해결',
    silent: '몇 시간 동안 시도가 없어 종료',
    taken: '담당 시작',
    released: '담당 해제',
    note: '메모',
    fixed: '메모: 이렇게 해결함',
  },
};

/** One line of the story. Times are epoch ms UTC. */
interface StoryRow {
  at: number;
  kind: Kind;
  down: number | null;
  by: string | null;
  text: string | null;
}

const STORY: readonly Column<StoryRow, Language>[] = [
  { name: 'time', type: 'time', cell: ({ at }) => at },
  { name: 'what', type: 'string', cell: ({ kind }, language) => WHAT[language][kind] },
  {
    name: 'down',
    type: 'number',
    config: { description: 'Streams that were down after it.' },
    cell: ({ down }) => down,
  },
  { name: 'by', type: 'string', cell: ({ by }) => by },
  { name: 'text', type: 'string', config: WIDE_TEXT, cell: ({ text }) => text },
];

/**
 * Answers a question about one incident with a table. Its streams are those of its scope that broke while it lasted,
 * for a cause of its category; those that are down come first. Its story is told from the start.
 *
 * @throws `UNKNOWN_INCIDENT`, `STORE_FAILED`
 */
export async function answerPart(
  part: NonNullable<IncidentsQuery['part']>,
  { refId, incident: id = '', language = 'en', columns, limit }: IncidentsQuery,
  context: QueryContext,
  signal?: StopSignal,
): Promise<Frame> {
  const incident = id === '' ? null : await findStoredById(id, context);
  const options = { context: language, language, columns, pageUrl: context.pageUrl };
  if (part === 'streams') {
    const search = { refId, language, columns, limit };
    const [table] = await answerStreams(
      { queryType: 'streams', ...search, filters: incident ? scopeFilters(incident) : NOTHING },
      incident
        ? { from: incident.startedAt, to: (incident.endedAt ?? context.now()) + 1 }
        : { from: 0, to: 1 },
      context,
      signal,
    );
    return table as Frame;
  }
  const rows = incident ? await storyOf(incident, context) : [];
  return buildTable('story', STORY, rows, options);
}

/** No stream has an empty name. */
const NOTHING: Filters = { account: ['\n'] };

/** Filters that match the streams of a scope which broke for a cause of the incident's category. */
function scopeFilters({ scope, cause }: Pick<StoredIncident, 'scope' | 'cause'>): Filters {
  const { kind, account, value } = scope;
  const [domain = '', app = '', ...stream] = value.split('/');
  const places: Record<ScopeKind, Filters> = {
    account: {},
    domain: { domain: [domain] },
    app: { domain: [domain], app: [app] },
    stream: { domain: [domain], app: [app], stream: [stream.join('/')] },
    node: { node: [value] },
    clientNetwork: { clientIp: [networkPattern(value)] },
  };
  return { account: [account], category: [cause.category], ...places[kind] };
}

/** `203.0.113.0/24` as `203.0.113.*`, `2001:db8:1::/48` as `2001:db8:1:*`. */
function networkPattern(network: string): string {
  const [address = ''] = network.split('/');
  return address.includes(':')
    ? `${address.replace(/:+$/, '')}:*`
    : `${address.split('.').slice(0, 3).join('.')}.*`;
}

async function storyOf(
  { id, timeline }: StoredIncident,
  { store }: Pick<QueryContext, 'store'>,
): Promise<StoryRow[]> {
  const [found] = await store.findDocuments({ kind: 'remarks', ids: [id], limit: 1 });
  const remarks = found?.body as StoredRemarks | undefined;
  const happened = timeline.map(
    ({ at, kind, down }): StoryRow => ({ at, kind, down, by: null, text: null }),
  );
  return [...happened, ...saidOf(remarks)].sort((a, b) => a.at - b.at);
}

function saidOf({ notes = [], duty = [] }: Partial<IncidentRemarks> = {}): StoryRow[] {
  return [
    ...notes.map(
      ({ at, by, text, fixed }): StoryRow => ({
        at,
        kind: fixed ? 'fixed' : 'note',
        down: null,
        by,
        text,
      }),
    ),
    ...duty.map(({ at, by, kind, note }): StoryRow => ({ at, kind, down: null, by, text: note })),
  ];
}
