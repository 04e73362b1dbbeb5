import { simplifyChinese } from '../../reasons/simplify-chinese.ts';
import { maskedError } from '../../secrets/masked-error.ts';

/** A known column of a CSV export. */
export type ConsoleColumn =
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
 * Headers by column, the preferred one first, without spaces and punctuation: headers of the API, of
 * Breakwatch's own export, and of the console in its languages. The terms on the console's pages are
 * documented (AppName is "path": 路径, パス, 경로); those in its downloads are not.
 */
const HEADERS: Record<ConsoleColumn, readonly string[]> = {
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
    '结束推流时间',
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
  clientIp: [
    'clientip',
    'clientipaddress',
    'pushclientip',
    '客户端ip',
    '推流客户端ip',
    '推流ip',
    'クライアントip',
    'プッシュクライアントip',
    '클라이언트ip',
    '푸시클라이언트ip',
    '푸시스트림클라이언트ip',
  ],
  resolution: ['resolution', '分辨率', '解像度', '해상도'],
  errcode: ['errcode', 'errorcode', 'code', '断流码', '错误码', 'エラーコード', '오류코드'],
  subErrcode: ['suberrcode'],
};

/** The columns of one file. */
export interface ConsoleColumns {
  /** Index of each known column. */
  indexes: Partial<Record<ConsoleColumn, number>>;
  /** Number of fields of the first line. */
  width: number;
  /** Unknown headers. */
  ignored: string[];
}

function normalizeHeader(header: string): string {
  return header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\(.*?\)/g, '')
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/**
 * Reads the first line of a CSV export and finds the known columns.
 *
 * @param line - its number
 * @throws `CSV_COLUMNS` when the columns of StreamName or end time are missing
 */
export function readConsoleHeader(fields: readonly string[], line = 1): ConsoleColumns {
  const headers = fields.map(normalizeHeader);
  const simplified = headers.map(simplifyChinese);
  const indexes: ConsoleColumns['indexes'] = {};
  for (const [column, names] of Object.entries(HEADERS) as [ConsoleColumn, readonly string[]][]) {
    // As written first: Japanese shares characters with traditional Chinese.
    const found = [headers, simplified].flatMap((written) =>
      names.map((name) => written.indexOf(name)).filter((index) => index >= 0),
    )[0];
    if (found !== undefined) {
      indexes[column] = found;
    }
  }
  const missing = [
    ...(indexes.stream === undefined ? ['the StreamName'] : []),
    ...(indexes.end === undefined ? ['the end time of the push'] : []),
  ];
  if (missing.length > 0) {
    throw maskedError('CSV_COLUMNS', {
      line,
      missing: missing.join(' and '),
      columns: fields.map((field) => field.trim() || '(empty)').join(', '),
    });
  }
  const used = new Set(Object.values(indexes));
  return {
    indexes,
    width: fields.length,
    ignored: fields.filter((field, index) => field.trim() !== '' && !used.has(index)),
  };
}
