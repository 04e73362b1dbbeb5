import { describe, expect, it } from 'vitest';
import { computeStreamCode, playUrls } from '../../../src/css/push-url/stream-code.ts';

const CODE = '8888_81265058829fd2e50c8ec2ac78d55127';

describe('stream codes', () => {
  it('are computed as documented', () => {
    expect(computeStreamCode('8888', '293710', '14y2l2c', 'main')).toBe(CODE);
  });

  it('differ for the screen, and hash names as UTF-8', () => {
    expect(computeStreamCode('8888', '293710', '14y2l2c', 'aux')).not.toBe(CODE);
    // md5sum of the bytes of 1_张三_main.
    expect(computeStreamCode('1', '1', '张三', 'main')).toBe('1_a802587d391f024f009b0144197aa202');
  });

  it('have the documented play URLs', () => {
    expect(playUrls(CODE)).toEqual({
      rtmp: `rtmp://8888.liveplay.myqcloud.com/live/${CODE}`,
      flv: `http://8888.liveplay.myqcloud.com/live/${CODE}.flv`,
      hls: `http://8888.liveplay.myqcloud.com/live/${CODE}.m3u8`,
    });
    expect(playUrls(CODE, 'play.example.com', 'show').hls).toBe(
      `http://play.example.com/show/${CODE}.m3u8`,
    );
  });
});
