import common from 'tencentcloud-sdk-nodejs-common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';

const DAY = 86_400_000;
const order = { domain: 'push.example', app: 'live', stream: 'room', errcode: 3, subErrcode: 0 };
const utc = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;

describe('DescribeCallbackRecordsList', () => {
  let simulator: Simulator;
  beforeEach(async () => {
    simulator = await startSimulator({
      secretId: 'a',
      secretKey: 'b',
      callbackUrl: 'http://127.0.0.1:9/nobody',
      callbackKey: 'key',
      faults: { callbackLostPercent: 100 },
    });
  });
  afterEach(() => simulator.stop());

  function list(more: object = {}) {
    return new common.CommonClient(`127.0.0.1:${simulator.port}`, '2018-08-01', {
      credential: { secretId: 'a', secretKey: 'b' },
      profile: { httpProfile: { protocol: 'http://' } },
    } as ConstructorParameters<typeof common.CommonClient>[2]).request(
      'DescribeCallbackRecordsList',
      {
        StreamName: 'room',
        StartTime: utc(Date.now() - 3_600_000),
        EndTime: utc(Date.now() + 1_000),
        PageNum: 1,
        PageSize: 10,
        ...more,
      },
    );
  }

  it('has a callback that a proxy answered, as CSS sent it', async () => {
    simulator.break(order);
    expect(simulator.truth().callbacks).toMatchObject({ lost: 2, delivered: 0 });
    const answer = await list({ EventType: 0 });
    expect(answer).toMatchObject({ TotalNum: 1, TotalPage: 1, PageNum: 1, PageSize: 10 });
    const [record] = answer.DataInfoList as Record<string, unknown>[];
    expect(record).toMatchObject({ EventType: 0, ResultCode: 0, StreamId: 'room' });
    expect(JSON.parse(String(record?.Request))).toMatchObject({
      event_type: 0,
      errcode: 3,
      stream_id: 'room',
    });
    expect((await list()).TotalNum).toBe(2);
    expect((await list({ StreamName: 'roo' })).TotalNum).toBe(0);
    expect((await list({ ResultCode: 1 })).TotalNum).toBe(0);
  });

  it('does not have a callback that CSS never sent', async () => {
    simulator.setFaults({ callbackLostPercent: 0, callbackDropPercent: 100 });
    simulator.break(order);
    expect((await list()).TotalNum).toBe(0);
  });

  it('returns pages, and rejects more than a day or more than 14 days ago', async () => {
    for (let index = 0; index < 3; index += 1) {
      simulator.break(order);
    }
    const second = await list({ EventType: 0, PageNum: 2, PageSize: 2 });
    expect(second.DataInfoList).toHaveLength(1);
    expect(second).toMatchObject({ TotalNum: 3, TotalPage: 2 });
    const now = Date.now();
    const refused = { code: 'InvalidParameterValue' };
    await expect(list({ StartTime: utc(now - DAY - 5_000) })).rejects.toMatchObject(refused);
    const old = { StartTime: utc(now - 14 * DAY - 5_000), EndTime: utc(now - 14 * DAY + 60_000) };
    await expect(list(old)).rejects.toMatchObject(refused);
    await expect(list({ StreamName: undefined })).rejects.toMatchObject({
      code: 'MissingParameter',
    });
  });
});
