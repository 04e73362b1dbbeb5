import { apiTime } from '../api-request.ts';
import type { Action } from './action.ts';

/** DescribeLiveStreamOnlineList: live pushes, including silent ones until their 70 s are over. */
export const describeLiveStreamOnlineList: Action = {
  rate: 80,
  params: {
    DomainName: { kind: 'string' },
    AppName: { kind: 'string' },
    PageNum: { kind: 'integer' },
    PageSize: { kind: 'integer' },
    StreamName: { kind: 'string' },
  },
  run: (params, { world }) => {
    const pageNum = params.integer('PageNum', 1, 1, 1_000_000);
    const pageSize = params.integer('PageSize', 10, 10, 300_000);
    const domain = params.string('DomainName');
    const app = params.string('AppName');
    const stream = params.string('StreamName');
    const found = world
      .onAir()
      .filter(
        (push) =>
          (domain === undefined || push.domain === domain) &&
          (app === undefined || push.app === app) &&
          (stream === undefined || push.stream === stream),
      );
    return {
      TotalNum: found.length,
      TotalPage: Math.ceil(found.length / pageSize),
      PageNum: pageNum,
      PageSize: pageSize,
      OnlineInfo: found.slice((pageNum - 1) * pageSize, pageNum * pageSize).map((push) => ({
        StreamName: push.stream,
        PublishTimeList: [{ PublishTime: apiTime(push.startedAt) }],
        AppName: push.app,
        DomainName: push.domain,
        PushToDelay: 0,
      })),
    };
  },
};
