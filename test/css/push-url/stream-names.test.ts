import { describe, expect, it } from 'vitest';
import { callbackEntry, parseCallback } from '../../../src/css/callbacks/callback.ts';
import { computeStreamCode } from '../../../src/css/push-url/stream-code.ts';
import { deriveStreamNames } from '../../../src/css/push-url/stream-names.ts';
import { signedCallback } from '../../helpers/signed-callback.ts';

/** `113680326061` in Base64, as relays of interactive live send it. */
const RELAY =
  'txSecret=x&txTime=6e07415c&from=interactive&client_business_type=0&sdkappid=1400126503&sdkapptype=1&groupid=1254495185&userid=MTEzNjgwMzI2MDYx&ts=5b7d27c4&cliRecoId=77';

describe('deriveStreamNames', () => {
  it('reads room, user and recording of an interactive live relay', () => {
    expect(deriveStreamNames(RELAY, '25650_x')).toEqual({
      room: '1254495185',
      user: '113680326061',
      recordId: '77',
    });
  });

  it('uses the room and user that match the stream code, and finds the type', () => {
    const stream = computeStreamCode('1', '1254495185', '113680326061', 'aux');
    expect(deriveStreamNames(RELAY, stream)).toMatchObject({ streamType: 'aux' });
    const raw = computeStreamCode('1', '1254495185', 'MTEzNjgwMzI2MDYx', 'main');
    expect(deriveStreamNames(RELAY, raw)).toMatchObject({
      user: 'MTEzNjgwMzI2MDYx',
      streamType: 'main',
    });
  });

  it.each([
    ['from=app&userid=test&roomid=7', { user: 'test', room: '7' }],
    ['user_id=%E5%BC%A0%E4%B8%89&Room=7', { user: '张三', room: '7' }],
    ['from=interactive&cliRecId=123456', { recordId: '123456' }],
    ['cliRecId=0&groupid=0&userid=', {}],
    [`userid=${'u'.repeat(129)}`, {}],
    ['userid=%zz', { user: '%zz' }],
    ['', {}],
    ['userid', {}],
  ])('reads %s', (param, names) => {
    expect(deriveStreamNames(param, 'shop-17')).toEqual(names);
  });

  it('reads the names of a callback before its parameters are masked', () => {
    const body = signedCallback({ sample: 'plain' });
    body.stream_param = `${body.stream_param}&from=interactive&cliRecId=123456&roomid=8`;
    const entry = callbackEntry('default', parseCallback(body), Date.now(), []);
    expect(entry.derived).toMatchObject({ recordId: '123456', room: '8', txSecretPresent: true });
  });
});
