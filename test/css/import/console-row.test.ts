import { describe, expect, it } from 'vitest';
import { readConsoleHeader } from '../../../src/css/import/console-header.ts';
import { readConsoleRow } from '../../../src/css/import/console-row.ts';

const BEIJING = 8 * 3_600_000;

const RECORD = {
  DomainName: 'push.example.com',
  AppName: 'live',
  StreamName: 'shop-17',
  StreamStartTime: '2026-03-14T12:00:00Z',
  StreamEndTime: '2026-03-14T12:10:05Z',
  Duration: 605,
  ClientIp: '203.0.113.9',
  Resolution: '1280*720',
};

const TIMES = ['2026-03-14 20:00:00', '2026-03-14 20:10:05'];

describe('readConsoleRow', () => {
  it.each([
    [
      'zh',
      '推流域名,路径,流名称,推流开始时间,推流结束时间,断流原因,推流时长,客户端IP,分辨率',
      '推流链路网络异常',
    ],
    [
      'traditional zh',
      '網域名稱,路徑,流名稱,開始時間,結束時間,斷流原因,推流時長,推流客戶端IP,分辨率',
      '推流鏈路網路異常',
    ],
    [
      'en',
      'Push Domain Name,Path,Stream Name,Start Time,End Time,Interruption Reason,Duration (s),Client IP,Resolution',
      'Network error for the push client.',
    ],
    [
      'ja',
      'プッシュドメイン名,パス,ストリーム名,プッシュ開始時間,プッシュ終了時間,ストリーム切断の原因,プッシュ時間長,クライアントIP,解像度',
      'プッシュリンクのネットワーク異常',
    ],
    [
      'ja, as its page has it',
      'ドメイン名,パス,ストリーム名,開始時間,終了時間,ストリーム切断の原因,プッシュ時間,プッシュクライアントIP,解像度',
      'プッシュリンクのネットワーク異常',
    ],
    [
      'ko',
      '푸시 도메인 이름,경로,스트림 이름,푸시 시작 시간,푸시 종료 시간,스트림 중단 원인,푸시 시간,클라이언트 IP,해상도',
      '푸시 링크 네트워크 오류',
    ],
    [
      'the API’s names',
      'DomainName,AppName,StreamName,StreamStartTime,StreamEndTime,StopReason,Duration,ClientIp,Resolution',
      'x',
    ],
  ])('reads the headers of %s', (_language, header, reason) => {
    const columns = readConsoleHeader(header.split(','));
    expect(columns.ignored).toEqual([]);
    const row = [
      'push.example.com',
      'live',
      'shop-17',
      ...TIMES,
      reason,
      '605',
      '203.0.113.9',
      '1280*720',
    ];
    expect(readConsoleRow(row, columns, BEIJING)).toEqual({ ...RECORD, StopReason: reason });
  });

  const columns = readConsoleHeader(['流名称', '断流时间', '推流时长', '错误码', '备注']);
  const read = (...fields: string[]) => readConsoleRow(fields, columns, BEIJING);

  it.each([
    ['2026/3/14 20:00', '2026-03-14T12:00:00Z'],
    ['2026年3月14日 20:00:01', '2026-03-14T12:00:01Z'],
    ['2026-03-14T12:00:00Z', '2026-03-14T12:00:00Z'],
    ['2026-03-14 20:00:00 +09:00', '2026-03-14T11:00:00Z'],
  ])('reads the time %s', (text, time) => {
    expect(read('s', text).StreamEndTime).toBe(time);
  });

  it.each(['', 'yesterday', '2026-02-30 10:00:00', '2026-03-14 25:00:00', '1773489600'])(
    'refuse the time "%s"',
    (text) => {
      expect(() => read('s', text)).toThrow(/the end/);
    },
  );

  it.each([
    ['605', 605],
    ['605s', 605],
    ['00:10:05', 605],
    ['10:05', 605],
    ['1小时2分3秒', 3723],
    ['1h 2m', 3720],
    ['a while', undefined],
    ['-', undefined],
  ])('reads the duration %s', (text, seconds) => {
    expect(read('s', '2026-03-14 20:00:00', text).Duration).toBe(seconds);
  });

  it('reads codes, removes a leading quote sign, and returns unknown headers', () => {
    expect(read("'=cmd", '2026-03-14 20:00:00', '', '18/501')).toMatchObject({
      StreamName: '=cmd',
      errcode: 18,
      subErrcode: 501,
    });
    expect(columns.ignored).toEqual(['备注']);
    expect(() => read('', '2026-03-14 20:00:00')).toThrow(/StreamName/);
    expect(() => read('a', '2026-03-14 20:00:00', '', '', '', 'more')).toThrow(/6 fields/);
  });

  it('requires a StreamName and an end time', () => {
    expect(() => readConsoleHeader(['路径', '断流原因'])).toThrow(/StreamName and the end/);
  });
});
