import { ApiError } from '../api-error.ts';
import { apiTime } from '../api-params.ts';
import type { Push } from '../push.ts';
import type { Action, ActionContext } from './action.ts';
import { stopReason } from './stop-reason.ts';

const dayMs = 86_400_000;
const maxRecords = 10_000;

/**
 * DescribeLiveStreamEventList: pushes that are over, refused ones too. At most 100 a page, the
 * first 10,000 records of a query, 30 days at once, 60 days back, EndTime not after now.
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
    const pageNum = params.whole('PageNum', 1, 1, maxRecords);
    const pageSize = params.whole('PageSize', 10, 1, 100);
    const successOnly = params.whole('IsFilter', 0, 0, 1) === 1;
    const strict = params.whole('IsStrict', 0, 0, 1) === 1;
    const ascending = params.whole('IsAsc', 0, 0, 1) === 1;
    const refuse = (message: string) => {
      throw new ApiError('InvalidParameterValue', message);
    };
    if (end < start) refuse('`EndTime` must not be earlier than `StartTime`.');
    if (end > world.now) refuse('`EndTime` must not be later than the current time.');
    if (end - start > 30 * dayMs) refuse('The time span must not exceed 30 days.');
    if (start < world.now - 60 * dayMs) refuse('Only the last 60 days can be queried.');
    if ((pageNum - 1) * pageSize >= maxRecords) {
      refuse('Only the first 10000 records can be queried.');
    }
    const app = params.text('AppName') ?? (style.appNameDefault === 'live' ? 'live' : undefined);
    const domain = params.text('DomainName');
    const stream = params.text('StreamName');
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
    // The world keeps pushes in the order of their ends.
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
    // A host in a private network is shown as a dash.
    ClientIp: /^(10\.|192\.168\.)/.test(push.clientIp) ? '-' : push.clientIp,
    Resolution: push.width > 0 ? `${push.width}*${push.height}` : '',
  };
}
