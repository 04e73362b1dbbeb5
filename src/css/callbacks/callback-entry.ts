import type { JournalEntry } from '../../model/journal-entry.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { hashContent } from '../hash-content.ts';
import { derivePushParams, type PushKey } from '../push-url/push-url.ts';
import { deriveStreamNames } from '../push-url/stream-names.ts';
import type { CallbackMessage } from './parse-callback.ts';
import { callbackSpan } from './parse-callback.ts';
import { pushExceptionKey } from './push-exception.ts';

/** Shorter secrets are not masked: they would match ordinary text by chance. */
const SHORTEST_SECRET = 6;

/** CSS repeats a message with a new `t` and `sign`, so these are not part of its identity. */
function contentKey(body: Record<string, unknown>): string {
  const { t: _t, sign: _sign, ...content } = body;
  return pushExceptionKey(body) ?? hashContent(content);
}

/**
 * Makes the journal entry of a verified callback, with secrets masked. CSS repeats a callback until
 * it is acknowledged, so the entry's key identifies the message: sequence and type; or, without a
 * sequence and for types that can occur several times per push, a hash of the content. Keys of push
 * exceptions begin with stream and time, so that they can be found by them.
 *
 * @param receivedAt - epoch ms UTC
 * @param pushKeys - push auth keys; whether txSecret matches one is derived before it is masked
 * @param secrets - callback keys, masked wherever they occur
 */
export function callbackEntry(
  account: string,
  message: CallbackMessage,
  receivedAt: number,
  pushKeys: readonly PushKey[],
  secrets: readonly string[] = [],
): JournalEntry {
  const { eventType, sequence, streamParam, body } = message;
  const isPush = eventType === 0 || eventType === 1;
  const known = [message.sign ?? '', ...secrets, ...pushKeys.map(({ key }) => key)];
  const derived =
    isPush && streamParam !== null
      ? {
          ...derivePushParams(streamParam, { ...message, ...callbackSpan(message) }, pushKeys),
          ...deriveStreamNames(streamParam, message.stream),
        }
      : {};
  const masked = maskSecrets(
    { body, derived },
    known.filter(({ length }) => length >= SHORTEST_SECRET),
  );
  // The key is stored as well, so it must not contain a secret from the sequence, nor a hash of one.
  const isNamed = isPush && sequence !== null && masked.body.sequence === body.sequence;
  return {
    account,
    source: 'callback',
    key: `${isNamed ? sequence : contentKey(masked.body)}:${eventType}`,
    receivedAt,
    ...masked,
  };
}
