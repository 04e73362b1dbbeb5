import { describe, expect, it } from 'vitest';
import { computeStreamCode } from '../../src/css/push-url/stream-code.ts';
import { readDirectory } from '../../src/engine/directory.ts';

const CODE = '8888_81265058829fd2e50c8ec2ac78d55127';

function read(...lines: string[]) {
  return readDirectory(lines);
}

describe('readDirectory', () => {
  it('finds the stream code of the documentation, camera and screen separately', async () => {
    const { directory, problems } = await read(
      '\uFEFFroom,user,type,team,vip,contact',
      '293710,14y2l2c,main,Night shift,yes,"Li, +86 10 1234"',
      '293710,14y2l2c,aux,Slides,,',
    );
    expect(problems).toEqual([]);
    expect(directory.size).toBe(2);
    expect(directory.factsOf({ account: 'a', stream: CODE }, {})).toEqual({
      room: '293710',
      user: '14y2l2c',
      streamType: 'main',
      team: 'Night shift',
      vip: true,
      contact: 'Li, +86 10 1234',
    });
    const aux = computeStreamCode('8888', '293710', '14y2l2c', 'aux');
    expect(directory.factsOf({ account: 'a', stream: aux }, {})).toMatchObject({ team: 'Slides' });
    expect(directory.factsOf({ account: 'a', stream: 'shop-17' }, {})).toEqual({});
  });

  it('accepts only stream codes with the account’s BIZID if it is known', async () => {
    const { directory } = await read('room,user', '293710,14y2l2c');
    const factsOf = (bizid?: string) =>
      directory.factsOf({ account: 'a', stream: CODE, bizid }, {});
    expect(factsOf('8888')).toMatchObject({ room: '293710' });
    expect(factsOf()).toMatchObject({ room: '293710' });
    expect(factsOf('888')).toEqual({});
  });

  it('finds streams by StreamName, and by room and user of the push URL', async () => {
    const { directory } = await read('stream,room,user,team', 'shop-17,,,Shop', ',42,张三,East');
    expect(directory.factsOf({ account: 'a', stream: 'shop-17' }, {})).toEqual({ team: 'Shop' });
    const pushFacts = { room: '42', user: '张三' };
    expect(directory.factsOf({ account: 'a', stream: 'any' }, pushFacts)).toMatchObject({
      team: 'East',
    });
    expect(directory.factsOf({ account: 'a', stream: 'any' }, { room: '42' })).toEqual({});
  });

  it('applies a line with an account to that account only', async () => {
    const { directory } = await read('stream,account,team', 's,a,A', 's,,rest');
    expect(directory.factsOf({ account: 'a', stream: 's' }, {})).toEqual({ team: 'A' });
    expect(directory.factsOf({ account: 'b', stream: 's' }, {})).toEqual({ team: 'rest' });
  });

  it('skips bad lines, reports their numbers, and reads the rest', async () => {
    const { directory, problems } = await read(
      'room,user,type,vip,the colour',
      '1,,main,,',
      '1,u,side,,',
      '1,u,main,maybe,',
      '1,u,main,,,,',
      '"1,u,main',
      '',
      '1,u,main,no,red',
      '1,u,,,',
      '2,u,,1,',
    );
    expect(problems.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 9]);
    expect(problems.at(-1)?.problem).toContain('line 8');
    expect(directory.size).toBe(3);
    expect(
      directory.factsOf({ account: 'a', stream: computeStreamCode('1', '2', 'u', 'aux') }, {}),
    ).toMatchObject({ vip: true });
  });

  it('makes facts of other columns', async () => {
    const { directory, problems } = await read(
      'stream,Tier,cost_center,tier,1st',
      `shop-17,gold,,x,y`,
      `shop-18,${'long'.repeat(100)},CC1,,`,
    );
    const factsOf = (stream: string) => directory.factsOf({ account: 'a', stream }, {});
    expect(factsOf('shop-17')).toEqual({ 'directory.tier': 'gold' });
    expect(factsOf('shop-18')).toEqual({
      'directory.tier': 'long'.repeat(50),
      'directory.cost_center': 'CC1',
    });
    expect(problems.map(({ problem }) => problem)).toEqual([
      'the column "tier" was ignored: its name must be a letter with letters, digits and _, and different from the others',
      'the column "1st" was ignored: its name must be a letter with letters, digits and _, and different from the others',
    ]);
  });

  it('limits the number of columns', async () => {
    const names = Array.from({ length: 40 }, (_none, index) => `c${index}`);
    const { directory, problems } = await read(`stream,${names}`, `s,${names}`);
    expect(Object.keys(directory.factsOf({ account: 'a', stream: 's' }, {}))).toHaveLength(32);
    expect(problems.at(-1)?.problem).toContain('more than 32 columns');
  });

  it('reports what the first line must be', async () => {
    const { directory, problems } = await read('293710,14y2l2c,main', '1,2,main');
    expect(directory.size).toBe(0);
    expect(problems).toMatchObject([
      { line: 1, problem: expect.stringContaining('room,user,type') },
    ]);
    expect((await read()).problems).toEqual([]);
  });
});
