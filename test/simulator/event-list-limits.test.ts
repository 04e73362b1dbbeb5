import common from 'tencentcloud-sdk-nodejs-common';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../src/simulator/start-simulator.ts';

let simulator: Simulator;
afterEach(() => simulator.stop());

const order = { domain: 'push.example', app: 'live', stream: 'room', errcode: 3, subErrcode: 0 };
const utc = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;

async function start(options: Partial<SimulatorOptions> = {}) {
  simulator = await startSimulator({ secretId: 'a', secretKey: 'b', ...options });
}

function list(more: object = {}, action = 'DescribeLiveStreamEventList') {
  return new common.CommonClient(`127.0.0.1:${simulator.port}`, '2018-08-01', {
    credential: { secretId: 'a', secretKey: 'b' },
    profile: { httpProfile: { protocol: 'http://' } },
  } as ConstructorParameters<typeof common.CommonClient>[2]).request(action, {
    StartTime: utc(Date.now() - 3_600_000),
    EndTime: utc(Date.now()),
    ...more,
  });
}

describe('the event list', () => {
  it('returns the first 10,000 records, and the total', async () => {
    await start();
    for (let index = 0; index < 10_050; index += 1) {
      simulator.break({ ...order, stream: `room-${index}`, errcode: 18, subErrcode: 501 });
    }
    const last = await list({ PageNum: 100, PageSize: 100 });
    expect(last).toMatchObject({ TotalNum: 10_050, TotalPage: 100 });
    expect(last.EventList).toHaveLength(100);
    await expect(list({ PageNum: 101, PageSize: 100 })).rejects.toHaveProperty(
      'code',
      'InvalidParameterValue',
    );
  });

  it('shows a push only after its end and the delay', async () => {
    await start({ apiDelayMs: 60_000 });
    simulator.break(order);
    expect((await list()).TotalNum).toBe(0);
    await simulator.stop();
    await start();
    const host = simulator.world.addHost({ ...order, clientIp: '203.0.113.1' });
    host.start();
    expect((await list()).TotalNum).toBe(0);
    host.stop();
    expect((await list()).EventList).toMatchObject([
      { StreamName: 'room', StopReason: '推流客户端主动断流', ClientIp: '203.0.113.1' },
    ]);
  });

  it('has no refusals when only callbacks report them', async () => {
    await start({ refusals: 'callback' });
    simulator.break({ ...order, errcode: 18, subErrcode: 400 });
    simulator.break(order);
    expect((await list()).EventList.map((event: { Duration: number }) => event.Duration)).toEqual([
      0,
    ]);
    expect((await list()).TotalNum).toBe(1);
  });

  it.each([
    [{ site: 'cn' }, '推流客户端主动断流'],
    [{ site: 'cn', stopReasonStyle: 'code' }, '推流客户端主动断流(3)'],
    [{ site: 'cn', stopReasonStyle: 'full-stop' }, '推流客户端主动断流。'],
    [{ site: 'intl' }, 'The push client stopped the stream.'],
    [{ site: 'intl', stopReasonStyle: 'code' }, 'The push client stopped the stream (3)'],
  ] as const)('with %o words a reason as %s', async (style, wanted) => {
    await start(style);
    simulator.break(order);
    expect((await list()).EventList[0].StopReason).toBe(wanted);
  });

  it('has another app only when it is requested, as documented', async () => {
    await start();
    simulator.break({ ...order, app: 'events' });
    expect((await list()).TotalNum).toBe(0);
    expect((await list({ AppName: 'events' })).TotalNum).toBe(1);
    await simulator.stop();
    await start({ appNameDefault: 'all' });
    simulator.break({ ...order, app: 'events' });
    expect((await list()).TotalNum).toBe(1);
  });

  it('rejects a clock difference of more than five minutes', async () => {
    const ahead = { now: () => Date.now() + 301_000, after: () => () => undefined };
    await start({ clock: ahead });
    await expect(list()).rejects.toHaveProperty('code', 'AuthFailure.SignatureExpire');
  });
});

describe('DescribeStreamPushInfoList', () => {
  it('has no samples during the silence before a network break', async () => {
    await start({ scenario: 'expired-url-loop' });
    simulator.break({
      ...order,
      stream: 'stage-main',
      domain: '5000.livepush.example',
      errcode: 12,
    });
    const [broken] = simulator.truth().breaks;
    const { DataInfoList } = await list({ StreamName: 'stage-main' }, 'DescribeStreamPushInfoList');
    expect(DataInfoList.length).toBeGreaterThan(100);
    const times = DataInfoList.map(({ Time }: { Time: string }) => Date.parse(`${Time}+08:00`));
    const latest = Math.max(...times);
    expect(latest).toBeLessThanOrEqual(broken?.silentFrom as number);
    expect(DataInfoList[0].Sequence).toBe(broken?.sequence);
  });
});
