import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { parseCssTime, printCssTime } from '../css-time.ts';
import { type ApiCallerOptions, createApiCaller } from './api-caller.ts';

/** How to reach the CSS API of one account. */
export type CssClientOptions = ApiCallerOptions;

/** A time window of the event list, epoch ms UTC, both ends included, cut to whole seconds. */
interface EventWindow {
  from: number;
  to: number;
  /**
   * AppName to query. According to the documents, the default is only `live`, so every other name
   * needs its own query.
   */
  app?: string;
}

/** Reads the events and live streams of one account. */
export interface CssClient {
  /**
   * Reads all pushes that ended or were refused in a window, page by page, by end time. Large
   * windows are split, and a record on a boundary may be returned twice.
   *
   * @throws `CSS_*`; the signal's reason when it aborts
   */
  streamEvents(window: EventWindow, signal?: AbortSignal): AsyncGenerator<StreamEventInfo[], void>;
  /** Reads all streams that are live now. @throws `CSS_*`; the signal's reason when it aborts */
  onlineStreams(signal?: AbortSignal): Promise<OnlineStream[]>;
  /** Closes idle connections. */
  close(): void;
}

// Limits of DescribeLiveStreamEventList (source: API documents of both sites).
const PAGE_SIZE = 100;
const MAX_PAGES = 100;
const MAX_SPAN_MS = 30 * 86_400_000;
/** Windows with more records are split. The API limit is 10,000, and a window may grow. */
const SPLIT_ABOVE = 9_000;
const PART_SIZE = 5_000;
const SECOND = 1_000;

const ONLINE_PAGE_SIZE = 1_000;

/** One page of a list. */
interface Page {
  records: Record<string, unknown>[];
  total: number;
}

/** Creates a client of the CSS API. It connects at the first call. */
export function createCssClient(options: CssClientOptions): CssClient {
  const caller = createApiCaller(options);

  async function readPage(
    action: string,
    listName: string,
    params: Record<string, unknown>,
    signal?: AbortSignal,
  ): Promise<Page> {
    const answer = await caller.call(action, params, signal);
    const badAnswer = (problem: string): never => {
      throw maskedError('CSS_BAD_ANSWER', {
        account: options.account,
        action,
        endpoint: caller.endpoint,
        problem,
      });
    };
    if (typeof answer !== 'object' || answer === null) {
      return badAnswer('Response is not an object');
    }
    const total = answer.TotalNum;
    if (typeof total !== 'number' || !Number.isInteger(total) || total < 0) {
      return badAnswer('TotalNum is not a whole number');
    }
    const records = answer[listName] ?? (total === 0 ? [] : undefined);
    if (!Array.isArray(records)) {
      return badAnswer(`${listName} is not a list`);
    }
    if (records.some((record) => typeof record !== 'object' || record === null)) {
      return badAnswer(`${listName} contains something that is not a record`);
    }
    return { records, total };
  }

  function readEvents(
    { from, to, app }: EventWindow,
    page: number,
    ascending: boolean,
    signal?: AbortSignal,
  ): Promise<Page> {
    const params = {
      StartTime: printCssTime(from),
      EndTime: printCssTime(to),
      ...(app === undefined ? {} : { AppName: app }),
      PageNum: page,
      PageSize: PAGE_SIZE,
      // 0 includes refused pushes.
      IsFilter: 0,
      IsAsc: ascending ? 1 : 0,
    };
    return readPage('DescribeLiveStreamEventList', 'EventList', params, signal);
  }

  async function* readWindow(
    window: EventWindow,
    signal?: AbortSignal,
  ): AsyncGenerator<StreamEventInfo[], void> {
    const first = await readEvents(window, 1, true, signal);
    const span = window.to - window.from;
    if (first.total > SPLIT_ABOVE && span >= 2 * SECOND) {
      const parts = Math.ceil(first.total / PART_SIZE);
      yield* readParts(window, Math.ceil(span / parts / SECOND) * SECOND, signal);
      return;
    }
    let { total } = first;
    yield* nonEmptyPage(first);
    for (let page = 2; page <= MAX_PAGES && (page - 1) * PAGE_SIZE < total; page += 1) {
      const next = await readEvents(window, page, true, signal);
      total = next.total;
      yield* nonEmptyPage(next);
    }
    // One second with more records than the API returns is also read from its end.
    const remaining = Math.min(MAX_PAGES, Math.ceil(total / PAGE_SIZE) - MAX_PAGES);
    for (let page = 1; page <= remaining; page += 1) {
      yield* nonEmptyPage(await readEvents(window, page, false, signal));
    }
  }

  async function* readParts(
    { from, to, app }: EventWindow,
    step: number,
    signal?: AbortSignal,
  ): AsyncGenerator<StreamEventInfo[], void> {
    for (let start = from; start < to; start += step) {
      // Parts overlap at their ends, because it is not documented whether a window includes its ends.
      yield* readWindow({ from: start, to: Math.min(start + step, to), app }, signal);
    }
  }

  return {
    async *streamEvents({ from, to, app }, signal) {
      const window = { from: wholeSecond(from), to: wholeSecond(to), app };
      if (window.to - window.from > MAX_SPAN_MS) {
        yield* readParts(window, MAX_SPAN_MS, signal);
      } else if (window.to >= window.from) {
        yield* readWindow(window, signal);
      }
    },

    async onlineStreams(signal) {
      const streams: OnlineStream[] = [];
      for (let page = 1, total = 1; (page - 1) * ONLINE_PAGE_SIZE < total; page += 1) {
        const next = await readPage(
          'DescribeLiveStreamOnlineList',
          'OnlineInfo',
          { PageNum: page, PageSize: ONLINE_PAGE_SIZE },
          signal,
        );
        streams.push(...next.records.flatMap(onlineStream));
        total = next.records.length === 0 ? 0 : next.total;
      }
      return streams;
    },

    close: () => caller.close(),
  };
}

function wholeSecond(time: number): number {
  return Math.floor(time / SECOND) * SECOND;
}

function* nonEmptyPage({ records }: Page): Generator<StreamEventInfo[], void> {
  if (records.length > 0) {
    // Fields are checked in apiEntry. Masked here, because records once contained the push URL.
    yield records.map((record) => maskSecrets(record)) as unknown as StreamEventInfo[];
  }
}

/** Reads a live stream. Skips a record without a name or times. */
function onlineStream(record: Record<string, unknown>): OnlineStream[] {
  const { StreamName, AppName, DomainName, PublishTimeList } = record;
  if (typeof StreamName !== 'string' || StreamName === '' || !Array.isArray(PublishTimeList)) {
    return [];
  }
  const publishedAt = PublishTimeList.map((entry: unknown) =>
    parseCssTime((entry as { PublishTime?: unknown } | null)?.PublishTime),
  ).filter((time) => time !== null);
  return [
    {
      domain: typeof DomainName === 'string' ? DomainName : '',
      app: typeof AppName === 'string' ? AppName : '',
      stream: StreamName,
      publishedAt,
    },
  ];
}

/**
 * One record of DescribeLiveStreamEventList: a push that ended or was refused (source: typings of the
 * official SDK). The API gives no code, sequence, node or push URL parameters.
 */
export interface StreamEventInfo {
  StreamName: string;
  DomainName?: string;
  AppName?: string;
  /** UTC, `2019-01-07T12:00:00Z`. */
  StreamStartTime?: string;
  StreamEndTime?: string;
  StopReason?: string;
  /** Seconds; 0 for a refused push. */
  Duration?: number;
  /** `-` when the push came from a private network. */
  ClientIp?: string;
  /** `640*352`. */
  Resolution?: string;
}

/** One stream of DescribeLiveStreamOnlineList. */
export interface OnlineStream {
  domain: string;
  app: string;
  stream: string;
  /** When the push started, epoch ms UTC; several when several pushers use the same name. */
  publishedAt: number[];
}
