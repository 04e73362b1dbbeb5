import type { JournalEntry } from '../../model/break.ts';
import { isTeamText, matchReason } from '../../reasons/match-reason.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { parseCssTime } from '../css-time.ts';
import { hashContent } from '../hash-content.ts';
import type { OnlineStream, StreamEventInfo } from './css-client.ts';

/**
 * The id of the reason if it is known. The same record in another language, or with a code after
 * the text, must have the same key.
 */
function reasonKey(text: string | undefined): string {
  // The key must stay the same when a team adds a text.
  if (text !== undefined && isTeamText(text)) {
    return text;
  }
  const match = matchReason({ text: text ?? null });
  const isKnown = match.ground !== 'unrecognized' && match.ground !== 'similar-text';
  return isKnown ? match.reason : (text ?? '');
}

/**
 * Makes the journal entry of one record of DescribeLiveStreamEventList. The API has no
 * record id, so the key is a hash of domain, app, stream, start, end and reason.
 *
 * @param receivedAt - epoch ms UTC
 * @throws `BAD_EVENT` for a record without a stream or end time
 */
export function apiEntry(account: string, info: StreamEventInfo, receivedAt: number): JournalEntry {
  const { DomainName, AppName, StreamName, StreamStartTime, StreamEndTime } = info;
  if (typeof StreamName !== 'string' || StreamName === '') {
    throw maskedError('BAD_EVENT', { problem: 'StreamName is missing or empty' });
  }
  const endedAt = parseCssTime(StreamEndTime);
  if (endedAt === null) {
    throw maskedError('BAD_EVENT', {
      problem: 'StreamEndTime must be a UTC time such as 2019-01-07T12:00:00Z',
    });
  }
  const startedAt = parseCssTime(StreamStartTime);
  return {
    account,
    source: 'api',
    key: hashContent([
      DomainName ?? '',
      AppName ?? '',
      StreamName,
      startedAt,
      endedAt,
      reasonKey(info.StopReason),
    ]),
    receivedAt,
    body: maskSecrets({ ...info }),
    derived: {},
  };
}

/**
 * Makes the journal entries of a live stream of DescribeLiveStreamOnlineList: one for each push start.
 *
 * @param receivedAt - epoch ms UTC
 */
export function onlineEntries(
  account: string,
  online: OnlineStream,
  receivedAt: number,
): JournalEntry[] {
  const { domain, app, stream } = online;
  return online.publishedAt.map((publishedAt) => ({
    account,
    source: 'api',
    key: `begin:${hashContent([domain, app, stream, publishedAt])}`,
    receivedAt,
    body: maskSecrets({
      DomainName: domain,
      AppName: app,
      StreamName: stream,
      PublishTime: new Date(publishedAt).toISOString(),
    }),
    derived: {},
  }));
}
