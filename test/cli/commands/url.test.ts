import { describe, expect, it } from 'vitest';
import { runBreakwatch, runHosted } from '../../helpers/run-breakwatch.ts';

const KEY = 'e12c46f2612d5106e2034781ab261ca3';
const SECRET = 'f85a2ab363fe4deaffef9754d79da6fe';
const URL = `rtmp://livepush.tcloud.com/live/test?txSecret=${SECRET}&txTime=5C271099`;
const withKey = { environment: { BREAKWATCH_PUSH_KEY: KEY, TZ: 'Asia/Shanghai' } };

describe('breakwatch url check', () => {
  it('shows how long a good URL is valid, in UTC and local time, and no secret', async () => {
    const { code, output } = await runBreakwatch(
      ['url', 'check', URL, '--at', '2018-12-29T02:00:00Z'],
      withKey,
    );
    expect(output).toContain('accepted');
    expect(output).toContain('2018-12-29T06:13:45Z');
    expect(output).toContain('2018-12-29 14:13:45');
    expect(output).toContain('in 4 h 13 min');
    expect(output).toContain('Warning');
    expect(output).not.toMatch(new RegExp(`${SECRET}|${KEY}`));
    expect(code).toBe(0);
  });

  it('explains a refusal with its fix in the chosen language, and reads the URL from standard input', async () => {
    const { code, output } = await runHosted(['url', 'check', '-', '--lang', 'zh', '--json'], {
      ...withKey,
      input: `${URL}\n`,
    });
    expect(code).toBe(1);
    expect(JSON.parse(output)).toMatchObject({
      verdict: 'refused',
      secretMatches: 'yes',
      refusals: [
        { code: '18/501', fix: expect.arrayContaining([expect.stringContaining('txTime')]) },
      ],
    });
  });

  it('has other exit codes for a URL that cannot be checked, and for wrong usage', async () => {
    expect((await runHosted(['url', 'check', URL, '--at', '2018-12-28'])).code).toBe(3);
    expect((await runHosted(['url', 'check', URL, '--at', 'noon'])).code).toBe(2);
    expect((await runHosted(['url', 'check', URL, '--key', KEY])).code).toBe(2);
    const none = await runHosted(['url', 'check', 'http://example.com/']);
    expect(none.code).toBe(1);
    expect(none.errors).toContain('BAD_PUSH_URL');
  });
});

describe('breakwatch url sign', () => {
  it('signs what the check accepts', async () => {
    const args = ['url', 'sign', '--domain', 'push.example.com', '--stream', 's-1', '--json'];
    const signed = await runBreakwatch([...args, '--valid', '36h'], withKey);
    expect(signed.code).toBe(0);
    const { rtmp, srt, expiresAt } = JSON.parse(signed.output);
    expect(expiresAt % 1000).toBe(0);
    for (const url of [rtmp, srt]) {
      const checked = await runHosted(['url', 'check', url, '--json'], withKey);
      expect(checked.code).toBe(0);
      expect(JSON.parse(checked.output)).toMatchObject({ expiresAt, warnings: [] });
    }
  });

  it('signs nothing without a key, and no URL that CSS would refuse', async () => {
    const args = ['url', 'sign', '--domain', 'push.example.com', '--stream'];
    expect((await runHosted([...args, 's'])).errors).toContain('PUSH_KEY_MISSING');
    const illegal = await runHosted([...args, '直播'], withKey);
    expect(illegal).toMatchObject({ code: 1, output: '' });
    expect(illegal.errors).toContain('18/308');
  });
});

describe('breakwatch stream-code', () => {
  it('names the stream of a user in a room', async () => {
    const { output } = await runBreakwatch(['stream-code', '8888', '293710', '14y2l2c']);
    expect(output.split('\n')[0]).toBe('8888_81265058829fd2e50c8ec2ac78d55127');
    expect((await runHosted(['stream-code', '8888', '1', 'u', 'side'])).code).toBe(2);
  });
});
