import { describe, expect, it } from 'vitest';
import { parseCallback } from '../../../src/css/callbacks/callback.ts';
import { nameForeignBody } from '../../../src/css/callbacks/foreign-body.ts';
import { BreakwatchError } from '../../../src/model/errors.ts';

function errorOf(body: unknown): BreakwatchError {
  try {
    parseCallback(body);
  } catch (thrown) {
    if (thrown instanceof BreakwatchError) {
      return thrown;
    }
    throw thrown;
  }
  throw new Error('the body was accepted');
}

describe('a callback of another product', () => {
  it.each<[string, Record<string, unknown>]>([
    [
      'a TRTC callback (relay to CDN, EventType 401)',
      {
        EventGroupId: 4,
        EventType: 401,
        CallbackTs: 1_785_900_000_000,
        EventInfo: { RoomId: '1' },
      },
    ],
    [
      'a TRTC callback (room, EventType 103)',
      { EventGroupId: 1, EventType: 103, CallbackTs: 1_785_900_000_000, EventInfo: {} },
    ],
    ['a TRTC callback (EventType 9001)', { EventGroupId: 90, EventType: 9001 }],
    ['a TRTC callback', { CallbackTs: 1, EventInfo: {} }],
    ['an alarm of Cloud Monitor', { sessionId: 'x', alarmStatus: '1', alarmType: 'metric' }],
    [
      'a VOD or MPS callback (EventType NewFileUpload)',
      { EventType: 'NewFileUpload', FileUploadEvent: { FileId: '1' } },
    ],
    [
      'a VOD or MPS callback (EventType ProcedureStateChanged)',
      { version: '4.0', eventType: 'ProcedureStateChanged', data: {} },
    ],
    [
      'a moderation result without event_type',
      { streamId: 'a', type: [2], screenshotTime: 1_785_900_000, app: 'push.example.com' },
    ],
    [
      'a moderation result without event_type',
      { stream_id: 'a', channel_id: 'a', asr_text: 'x', domain: 'push.example.com' },
    ],
    [
      'a moderation result of Cloud Infinite',
      { EventName: 'ReviewLiveVideo', JobsDetail: { State: 'Auditing' } },
    ],
    ['a Chat (IM) callback', { CallbackCommand: 'Group.CallbackAfterSendMsg' }],
    [
      'a callback of SRS (on_unpublish)',
      {
        action: 'on_unpublish',
        client_id: '9',
        vhost: '__defaultVhost__',
        app: 'live',
        stream: 's',
      },
    ],
    [
      'a callback of Alibaba Cloud ApsaraVideo Live (publish_done)',
      { action: 'publish_done', app: 'push.example.com', appname: 'live', id: 's', usrargs: '' },
    ],
    ['a callback of a media server (on_publish_done)', { hook: 'on_publish_done' }],
    [
      'a callback of ZLMediaKit',
      { mediaServerId: 'm', schema: 'rtmp', hook_index: 3, app: 'live', stream: 's' },
    ],
    ['a callback of another media server (unpublish)', { event: 'unpublish', stream: 's' }],
    ['a StreamLive callback (event_type 329)', { event_type: 329, stream_id: 'a' }],
  ])('is named: %s', (what, body) => {
    const error = errorOf(body);
    expect(error.code).toBe('CALLBACK_OF_OTHER_PRODUCT');
    expect(error.details).toEqual({ what });
  });

  it.each([
    {},
    { app: 'push.example.com', appname: 'live', stream_id: 'a', event_time: 1_785_900_000 },
    { eventType: '<script>' },
    { streamId: 'a' },
    { EventType: 7 },
    { action: 'on_<script>' },
    { action: 'describe' },
    { hook: 7 },
    { event: 'publishing house' },
  ])('is not guessed: %j', (body) => {
    expect(nameForeignBody(body)).toBeNull();
    expect(errorOf(body).code).toBe('CALLBACK_BAD_FIELD');
  });
});
