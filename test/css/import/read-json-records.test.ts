import { describe, expect, it } from 'vitest';
import { type JsonRecord, readJsonRecords } from '../../../src/css/import/read-json-records.ts';
import { readLines } from '../../../src/css/import/read-lines.ts';

async function read(text: string): Promise<JsonRecord[]> {
  const found: JsonRecord[] = [];
  const input = (async function* () {
    yield Buffer.from(text);
  })();
  for await (const one of readJsonRecords(readLines(input))) {
    found.push(one);
  }
  return found;
}

const [A, B, C] = ['a', 'b', 'c'].map((name) => ({
  StreamName: name,
  StopReason: 'brackets }] in "text" {[',
})) as [object, object, object];
const answer = { Response: { EventList: [A, B, C], TotalNum: 3, RequestId: 'x' } };
const records = (found: JsonRecord[]) => found.map((one) => ('record' in one ? one.record : null));
const errors = (found: JsonRecord[]) =>
  found.flatMap((one) => ('error' in one ? [`${one.line}: ${one.error.message}`] : []));

describe('JSON files', () => {
  it.each([
    ['JSON lines', [A, B, C].map((one) => JSON.stringify(one)).join('\n')],
    ['an answer in one line', JSON.stringify(answer)],
    ['a pretty answer', JSON.stringify(answer, null, 4)],
    [
      'a pretty answer with tabs and CRLF',
      JSON.stringify(answer, null, '\t').replaceAll('\n', '\r\n'),
    ],
    ['an answer without its envelope', JSON.stringify(answer.Response, null, 2)],
    ['an array', JSON.stringify([A, B, C])],
    ['a pretty array', JSON.stringify([A, B, C], null, 1)],
    [
      'answers of several pages',
      [[A, B], [C]].map((EventList) => JSON.stringify({ EventList }, null, 2)).join('\n'),
    ],
    [
      'pretty records, one after the other',
      [A, B, C].map((one) => JSON.stringify(one, null, 2)).join('\n'),
    ],
    ['a byte order mark', `\uFEFF${JSON.stringify(answer, null, 2)}`],
  ])('read %s', async (_name, text) => {
    const found = await read(text);
    expect(records(found)).toEqual([A, B, C]);
    expect(errors(found)).toEqual([]);
  });

  it('read callback records by the body that CSS sent', async () => {
    const body = { event_type: 0, stream_id: 'a' };
    const list = [{ Request: JSON.stringify(body), ResultCode: 0, EventType: 0 }];
    expect(records(await read(JSON.stringify({ Response: { DataInfoList: list } })))).toEqual([
      body,
    ]);
  });

  it.each([
    ['an export of a log service', { __TIMESTAMP__: '1', __CONTENT__: JSON.stringify(A) }],
    ['an object that was logged', { time: 1, message: A }],
    ['a callback record without a result', { Request: JSON.stringify(A) }],
  ])('read %s by what it holds', async (_name, line) => {
    expect(records(await read(JSON.stringify(line)))).toEqual([A]);
  });

  it('read lines of a log that end with a record, and elements of a list with their commas', async () => {
    const text = [
      `2026-11-30 INFO body=${JSON.stringify(A)}`,
      `${JSON.stringify(B)},`,
      JSON.stringify(C),
    ];
    expect(records(await read(text.join('\n')))).toEqual([A, B, C]);
  });

  it('leave a record as it is, whatever it holds, and name a line without a record', async () => {
    const record = { ...A, message: JSON.stringify(B) };
    expect(records(await read(JSON.stringify(record)))).toEqual([record]);
    expect(records(await read('{"message": "no record", "log": {"a": 1}}'))).toEqual([
      { message: 'no record', log: { a: 1 } },
    ]);
    expect(errors(await read('INFO {"a": 1'))).toHaveLength(1);
    expect(errors(await read(`${JSON.stringify(A)} and more`))).toHaveLength(1);
  });

  it('name the line of each record', async () => {
    const found = await read(JSON.stringify(answer, null, 2));
    expect(found.map(({ line }) => line)).toEqual([4, 8, 12]);
  });

  it.each([
    [
      { Response: { OnlineInfo: [{ StreamName: 'a', PublishTimeList: [] }], TotalNum: 1 } },
      /list of live streams.*have not ended/,
    ],
    [{ ForbidStreamList: [] }, /list of disabled streams/],
    [
      { DataInfoList: [{ Time: '2026-03-01T12:00:00Z', StreamName: 'k', VideoFps: 25 }] },
      /what CSS measured of live pushes.*import DescribeLiveStreamEventList/,
    ],
    [
      { Response: { Error: { Code: 'AuthFailure', Message: 'm' } } },
      /error of the API, AuthFailure/,
    ],
    [{ Response: { RequestId: 'x' } }, /no EventList/],
  ])('refuse an answer without breaks: %j', async (document, problem) => {
    for (const text of [JSON.stringify(document), JSON.stringify(document, null, 2)]) {
      const found = await read(text);
      expect(found).toHaveLength(1);
      expect(errors(found)[0]).toMatch(problem);
    }
  });

  it('read what is complete of a document that is cut', async () => {
    const text = JSON.stringify(answer, null, 4);
    const found = await read(text.slice(0, text.indexOf('"c"')));
    expect(records(found)).toEqual([A, B, null]);
    expect(errors(found)).toEqual([
      '1: The input is not valid JSON: the JSON document that begins in line 1 is cut off.',
    ]);
    const cutLive = JSON.stringify({ OnlineInfo: [{ StreamName: 'a' }, {}] }, null, 2);
    expect(errors(await read(cutLive.slice(0, -8)))).toEqual([
      expect.stringContaining('list of live streams'),
    ]);
  });

  it('read on after a document that is cut, and after a bad line', async () => {
    const cut = JSON.stringify({ EventList: [A] }, null, 2)
      .split('\n')
      .slice(0, 3)
      .join('\n');
    const found = await read(
      `${cut}\n${JSON.stringify(B)}\n{"StreamName": "x\n${JSON.stringify(C)}`,
    );
    expect(records(found)).toEqual([null, B, null, C]);
    expect(errors(found).map((text) => text.split(':')[0])).toEqual(['1', '5']);
  });
});
