import { expect, it } from 'vitest';
import { nameOtherFile } from '../../../src/css/import/name-other-file.ts';

it.each([
  ['-----------', 'table for people'],
  ['| StreamName | StopReason |', 'table for people'],
  ['EVENTLIST\tlive\t203.0.113.9', 'without the names'],
  ['PAGENUM\t1', 'without the names'],
  ['PK\u0003\u0004\u0014', 'Excel'],
  [new TextDecoder('gb18030').decode(Buffer.from('d0cf11e0a1b11ae1', 'hex')), 'Excel'],
  ['%PDF-1.7', 'PDF'],
  ['<!DOCTYPE html>', 'HTML'],
])('names a file that has no records to read: %j', (beginning, words) => {
  expect(nameOtherFile(beginning)).toContain(words);
});

it.each(['{"a": 1}', '[', 'stream,time', 'StreamName\tStreamEndTime', '流名称,结束时间', '-5', ''])(
  'leaves other files: %j',
  (beginning) => {
    expect(nameOtherFile(beginning)).toBeNull();
  },
);
