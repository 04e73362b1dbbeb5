import { maskedError } from '../../secrets/masked-error.ts';
import { printCssTime } from '../css-time.ts';

/** What a column of a CSV export can be. */
type Column =
  | 'stream'
  | 'domain'
  | 'app'
  | 'start'
  | 'end'
  | 'reason'
  | 'duration'
  | 'durationMs'
  | 'clientIp'
  | 'resolution'
  | 'errcode'
  | 'subErrcode';

/**
 * Headers by column, the better one first, without blanks and signs: those of the API, of
 * Breakwatch's own export, and the console's words in its languages. The words of its pages are
 * documented (AppName is the path, 路径, パス, 경로), those of its download are not.
 */
const HEADERS: Record<Column, readonly string[]> = {
  stream: [
    'streamname',
    'stream',
    'streamid',
    '流名称',
    '流名',
    '流id',
    '直播流名称',
    '直播码',
    'ストリーム名',
    'ストリーム',
    '스트림이름',
    '스트림명',
    '스트림',
  ],
  domain: [
    'domainname',
    'domain',
    'pushdomain',
    'pushdomainname',
    '推流域名',
    '域名',
    'プッシュドメイン名',
    'プッシュドメイン',
    'ドメイン名',
    'ドメイン',
    '푸시도메인이름',
    '푸시도메인',
    '도메인이름',
    '도메인',
  ],
  app: [
    'appname',
    'app',
    'path',
    'pushpath',
    '路径',
    '推流路径',
    '应用名',
    'パス',
    'アプリ名',
    '경로',
  ],
  start: [
    'streamstarttime',
    'starttime',
    'startedat',
    'pushstarttime',
    '推流开始时间',
    '开始推流时间',
    '开始时间',
    'プッシュ開始時間',
    'プッシュ開始時刻',
    '開始時間',
    '開始時刻',
    '푸시시작시간',
    '시작시간',
  ],
  end: [
    'streamendtime',
    'endtime',
    'time',
    'endedat',
    'pushendtime',
    'interruptiontime',
    '推流结束时间',
    '断流时间',
    '结束时间',
    'プッシュ終了時間',
    'ストリーム切断時間',
    '切断時間',
    '終了時間',
    '終了時刻',
    '푸시종료시간',
    '스트림중단시간',
    '중단시간',
    '종료시간',
  ],
  reason: [
    'stopreason',
    'reasontext',
    'interruptionreason',
    'causeofinterruption',
    'cause',
    'reason',
    '断流原因',
    '原因',
    'ストリーム切断の原因',
    '切断の原因',
    '切断原因',
    '切断理由',
    '스트리밍중단원인',
    '스트림중단원인',
    '중단원인',
  ],
  duration: [
    'duration',
    'pushduration',
    'durationseconds',
    'durations',
    '推流时长',
    '时长',
    '持续时间',
    'プッシュ時間長',
    'プッシュ時間',
    '継続時間',
    '푸시시간',
    '푸시스트림시간',
    '지속시간',
  ],
  durationMs: ['durationms'],
  clientIp: ['clientip', '客户端ip', '推流客户端ip', '推流ip', 'クライアントip', '클라이언트ip'],
  resolution: ['resolution', '分辨率', '解像度', '해상도'],
  errcode: ['errcode', 'errorcode', 'code', '断流码', '错误码', 'エラーコード', '오류코드'],
  subErrcode: ['suberrcode'],
};

/** How rows of one file are read. */
export interface ConsoleColumns {
  /** Place of each column that the file has. */
  places: Partial<Record<Column, number>>;
  /** Number of fields of the first line. */
  width: number;
  /** Headers that mean nothing to us. */
  ignored: string[];
}

function plain(header: string): string {
  return header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\(.*?\)/g, '')
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/**
 * Finds out what the columns of a CSV export are, from its first line.
 *
 * @throws `BAD_EVENT` when the columns of stream or end are missing
 */
export function readConsoleHeader(fields: readonly string[]): ConsoleColumns {
  const headers = fields.map(plain);
  const places: ConsoleColumns['places'] = {};
  for (const [column, names] of Object.entries(HEADERS) as [Column, readonly string[]][]) {
    const found = names.find((name) => headers.includes(name));
    if (found !== undefined) {
      places[column] = headers.indexOf(found);
    }
  }
  const missing = [
    ...(places.stream === undefined ? ['the StreamName'] : []),
    ...(places.end === undefined ? ['the end time of the push'] : []),
  ];
  if (missing.length > 0) {
    throw maskedError('BAD_EVENT', {
      problem: `the first line has no column for ${missing.join(' and ')}`,
    });
  }
  const used = new Set(Object.values(places));
  return {
    places,
    width: fields.length,
    ignored: fields.filter((field, index) => field.trim() !== '' && !used.has(index)),
  };
}

/**
 * Turns a row of a CSV export into a record as DescribeLiveStreamEventList gives it, with `errcode`
 * and `subErrcode` when the row has them.
 *
 * @param offsetMs - of times without a zone from UTC; the console writes its viewer's time
 * @throws `BAD_EVENT` naming the field
 */
export function readConsoleRow(
  fields: readonly string[],
  { places, width }: ConsoleColumns,
  offsetMs: number,
): Record<string, unknown> {
  if (fields.length > width) {
    bad(`the line has ${fields.length} fields, but the first line has ${width}`);
  }
  const cell = (column: Column): string | undefined => {
    const place = places[column];
    // A sign that exports put before what a spreadsheet would take for a formula.
    const text =
      place === undefined ? '' : (fields[place] ?? '').trim().replace(/^'(?=[=+\-@＝＋－＠])/, '');
    return text === '' || text === '-' ? undefined : text;
  };
  const time = (column: 'start' | 'end', what: string): string | undefined => {
    const text = cell(column);
    if (text === undefined) {
      return undefined;
    }
    const moment = readTime(text, offsetMs);
    return moment === null
      ? bad(`${what} must be a time such as 2026-03-14 20:00:00`)
      : printCssTime(moment);
  };
  const [errcode, subErrcode] = readCode(cell('errcode'), cell('subErrcode'));
  const milliseconds = cell('durationMs');
  const duration =
    milliseconds !== undefined && /^\d{1,13}$/.test(milliseconds)
      ? Math.round(Number(milliseconds) / 1_000)
      : readDuration(cell('duration'));
  const record = {
    DomainName: cell('domain'),
    AppName: cell('app'),
    StreamName: cell('stream') ?? bad('StreamName is empty'),
    StreamStartTime: time('start', 'the start time'),
    StreamEndTime: time('end', 'the end time') ?? bad('the end time of the push is empty'),
    StopReason: cell('reason'),
    Duration: duration,
    ClientIp: cell('clientIp'),
    Resolution: cell('resolution'),
    errcode,
    subErrcode,
  };
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function bad(problem: string): never {
  throw maskedError('BAD_EVENT', { problem });
}

const TIME =
  /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i;

/** @returns epoch ms UTC; null when it is no time */
function readTime(text: string, offsetMs: number): number | null {
  const found = TIME.exec(text);
  if (!found) {
    return null;
  }
  const [year, month, day, hour, minute, second, part] = found
    .slice(1, 8)
    .map((one) => Number(one ?? 0)) as [number, number, number, number, number, number, number];
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  const same = new Date(time);
  if (same.getUTCMonth() !== month - 1 || same.getUTCDate() !== day || hour > 23 || minute > 59) {
    return null;
  }
  const fraction = found[7] === undefined ? 0 : part * 10 ** (3 - found[7].length);
  return time + fraction - (found[8] === undefined ? offsetMs : zoneOf(found[8]));
}

function zoneOf(zone: string): number {
  const found = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  return found
    ? (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) * 60_000
    : 0;
}

/** @returns seconds; undefined for what is no length of time, as start and end tell it too */
function readDuration(text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const seconds = /^(\d{1,9})(?:\.\d+)?\s*(?:s|sec|seconds?|秒|초)?$/i.exec(text);
  if (seconds) {
    return Number(seconds[1]);
  }
  const clock = /^(?:(\d{1,4}):)?(\d{1,2}):(\d{2})$/.exec(text);
  if (clock) {
    return Number(clock[1] ?? 0) * 3_600 + Number(clock[2]) * 60 + Number(clock[3]);
  }
  const words =
    /^(?:(\d+)\s*(?:h|小时|時間|시간))?\s*(?:(\d+)\s*(?:m|min|分钟?|분))?\s*(?:(\d+)\s*(?:s|秒|초))?$/i.exec(
      text,
    );
  return words?.slice(1).some((one) => one !== undefined)
    ? Number(words[1] ?? 0) * 3_600 + Number(words[2] ?? 0) * 60 + Number(words[3] ?? 0)
    : undefined;
}

/** Reads `18/501`, or 18 and 501 from two columns. */
function readCode(
  code: string | undefined,
  sub: string | undefined,
): [number | undefined, number | undefined] {
  const found = /^(\d{1,9})(?:[/-](\d{1,4}))?$/.exec(code ?? '');
  const number = (text: string | undefined) =>
    text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  return [number(found?.[1]), number(found?.[2] ?? sub)];
}
