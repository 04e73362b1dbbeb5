import { ApiError, apiTime } from '../api-request.ts';
import type { Push } from '../push.ts';
import { reasonText } from '../reason-table.ts';
import type { Action, ActionContext } from './action.ts';

const dayMs = 86_400_000;
const maxRecords = 10_000;

/**
 * DescribeLiveStreamEventList: finished and refused pushes. Limits: 100 records per page, the first
 * 10,000 records of a query, a span of 30 days, the last 60 days, EndTime not in the future.
 */
export const describeLiveStreamEventList: Action = {
  rate: 300,
  params: {
    StartTime: { kind: 'time', required: true },
    EndTime: { kind: 'time', required: true },
    AppName: { kind: 'string' },
    DomainName: { kind: 'string' },
    StreamName: { kind: 'string' },
    PageNum: { kind: 'integer' },
    PageSize: { kind: 'integer' },
    IsFilter: { kind: 'integer' },
    IsStrict: { kind: 'integer' },
    IsAsc: { kind: 'integer' },
  },
  run: (params, context) => {
    const { world, style } = context;
    const start = params.time('StartTime') as number;
    const end = params.time('EndTime') as number;
    const pageNum = params.integer('PageNum', 1, 1, maxRecords);
    const pageSize = params.integer('PageSize', 10, 1, 100);
    const successOnly = params.integer('IsFilter', 0, 0, 1) === 1;
    const strict = params.integer('IsStrict', 0, 0, 1) === 1;
    const ascending = params.integer('IsAsc', 0, 0, 1) === 1;
    const reject = (message: string) => {
      throw new ApiError('InvalidParameterValue', message);
    };
    if (end < start) reject('`EndTime` must not be earlier than `StartTime`.');
    if (end > world.now) reject('`EndTime` must not be later than the current time.');
    if (end - start > 30 * dayMs) reject('The time span must not exceed 30 days.');
    if (start < world.now - 60 * dayMs) reject('Only the last 60 days can be queried.');
    if ((pageNum - 1) * pageSize >= maxRecords) {
      reject('Only the first 10000 records can be queried.');
    }
    const app = params.string('AppName') ?? (style.appNameDefault === 'live' ? 'live' : undefined);
    const domain = params.string('DomainName');
    const stream = params.string('StreamName');
    const matches = (push: Push): boolean => {
      const at = style.windowMatches === 'end' ? push.endedAt : push.startedAt;
      const second = Math.floor((at as number) / 1000) * 1000;
      if (second < start || second > end) return false;
      if ((push.endedAt as number) + style.apiDelayMs > world.now) return false;
      if (push.outcome === 'refused' && (successOnly || style.refusals === 'callback'))
        return false;
      if (app !== undefined && push.app !== app) return false;
      if (domain !== undefined && push.domain !== domain) return false;
      if (stream === undefined) return true;
      return strict ? push.stream === stream : push.stream.includes(stream);
    };
    // world.finished is sorted by end time.
    const found = world.finished.filter(matches);
    if (!ascending) found.reverse();
    const from = (pageNum - 1) * pageSize;
    const page = found.slice(from, Math.min(from + pageSize, maxRecords));
    return {
      EventList: page.map((push) => streamEvent(push, context)),
      PageNum: pageNum,
      PageSize: pageSize,
      TotalNum: found.length,
      TotalPage: Math.ceil(Math.min(found.length, maxRecords) / pageSize),
    };
  },
};

function streamEvent(push: Push, context: ActionContext): Record<string, unknown> {
  const endedAt = push.endedAt as number;
  return {
    AppName: push.app,
    DomainName: push.domain,
    StreamName: push.stream,
    StreamStartTime: apiTime(push.startedAt),
    StreamEndTime: apiTime(endedAt),
    StopReason: stopReason(push, context),
    Duration: Math.floor(endedAt / 1000) - Math.floor(push.startedAt / 1000),
    // The API shows a dash for a host in a private network.
    ClientIp: /^(10\.|192\.168\.)/.test(push.clientIp) ? '-' : push.clientIp,
    Resolution: push.width > 0 ? `${push.width}*${push.height}` : '',
  };
}

/** StopReason of a finished push, in the requested language and style. */
function stopReason(push: Push, { style, language }: ActionContext): string {
  const { errcode, subErrcode } = push.code ?? { errcode: 0, subErrcode: 0 };
  const row = reasonText(errcode, subErrcode);
  const languageUsed = language ?? (style.site === 'intl' ? 'en-US' : 'zh-CN');
  if (languageUsed === 'en-US') {
    const withoutFullStop = row.en.replace(/\.$/, '');
    if (style.stopReasonStyle === 'code') return `${withoutFullStop} (${errcode})`;
    return row.en;
  }
  if (style.stopReasonStyle === 'code') return `${row.zh}(${errcode})`;
  return style.stopReasonStyle === 'full-stop' ? `${row.zh}。` : row.zh;
}
