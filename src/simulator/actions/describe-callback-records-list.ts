import { ApiError, apiTime } from '../api-request.ts';
import type { Action } from './action.ts';

const dayMs = 86_400_000;

/** DescribeCallbackRecordsList: callbacks of a stream, for at most 1 day of the last 14 days. */
export const describeCallbackRecordsList: Action = {
  rate: 20,
  params: {
    StartTime: { kind: 'time', required: true },
    EndTime: { kind: 'time', required: true },
    StreamName: { kind: 'string', required: true },
    PageNum: { kind: 'integer', required: true },
    PageSize: { kind: 'integer', required: true },
    EventType: { kind: 'integer' },
    ResultCode: { kind: 'integer' },
  },
  run: (params, { world, poster }) => {
    const start = params.time('StartTime') as number;
    const end = params.time('EndTime') as number;
    const pageNum = params.integer('PageNum', 1, 1, 10_000);
    const pageSize = params.integer('PageSize', 10, 1, 100);
    const eventType = params.integer('EventType', -1, -1, 1000);
    const resultCode = params.integer('ResultCode', -1, -1, 1000);
    if (end < start || end - start > dayMs || start < world.now - 14 * dayMs) {
      throw new ApiError(
        'InvalidParameterValue',
        'The time span must not exceed 1 day, within the last 14 days.',
      );
    }
    const stream = params.string('StreamName');
    const rows = (poster?.deliveries ?? []).flatMap((delivery) => {
      if (delivery.streamId !== stream || delivery.tries === 0) return [];
      // According to the documents, the list does not have push exceptions.
      if (delivery.eventType === 321) return [];
      if (delivery.createdAt < start || delivery.createdAt > end + 999) return [];
      const result = delivery.lastStatus === 200 ? 0 : delivery.lastStatus || 1;
      if (eventType >= 0 && delivery.eventType !== eventType) return [];
      if (resultCode >= 0 && result !== resultCode) return [];
      return [
        {
          EventTime: apiTime(delivery.createdAt),
          EventType: delivery.eventType,
          Request: poster?.bodies.get(delivery) ?? '',
          Response: '',
          ResponseTime: apiTime(delivery.answeredAt ?? delivery.createdAt),
          ResultCode: result,
          StreamId: delivery.streamId,
        },
      ];
    });
    return {
      DataInfoList: rows.slice((pageNum - 1) * pageSize, pageNum * pageSize),
      PageNum: pageNum,
      PageSize: pageSize,
      TotalNum: rows.length,
      TotalPage: Math.ceil(rows.length / pageSize),
    };
  },
};
