import type { Action } from './action.ts';
import { describeCallbackRecordsList } from './describe-callback-records-list.ts';
import { describeLiveStreamEventList } from './describe-live-stream-event-list.ts';
import { describeLiveStreamOnlineList } from './describe-live-stream-online-list.ts';
import { describeStreamPushInfoList } from './describe-stream-push-info-list.ts';
import {
  describeLiveStreamState,
  dropLiveStream,
  forbidLiveStream,
  resumeLiveStream,
} from './stream-actions.ts';

/** The actions of the simulated API by name. Any other name is answered with InvalidAction. */
export const actions: ReadonlyMap<string, Action> = new Map([
  ['DescribeCallbackRecordsList', describeCallbackRecordsList],
  ['DescribeLiveStreamEventList', describeLiveStreamEventList],
  ['DescribeLiveStreamOnlineList', describeLiveStreamOnlineList],
  ['DescribeLiveStreamState', describeLiveStreamState],
  ['DescribeStreamPushInfoList', describeStreamPushInfoList],
  ['DropLiveStream', dropLiveStream],
  ['ForbidLiveStream', forbidLiveStream],
  ['ResumeLiveStream', resumeLiveStream],
]);
