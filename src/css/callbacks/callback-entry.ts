import type { JournalEntry } from '../../model/journal-entry.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { hashContent } from '../hash-content.ts';
import { derivePushParams, type PushKey } from '../push-url/push-url.ts';
import { deriveStreamNames } from '../push-url/stream-names.ts';
import { callbackSpan } from './callback-span.ts';
import type { CallbackMessage } from './parse-callback.ts';
import { pushExceptionKey } from './push-exception.ts';

/** Anything shorter stands in texts by chance. */
const SHORTEST_SECRET = 6;

/** A message sent again carries a new t and sign, so these tell nothing of its identity. */
function contentKey(body: Record<string, unknown>): string {
  const { t: _t, sign: _sign, ...content } = body;
  return pushExceptionKey(body) ?? hashContent(content);
}

/**
 * Makes the journal entry of a verified callback. CSS repeats a callback until it is acknowledged,
 * so its key is the push's sequence and the type; without a sequence, and for types that may come
 * several times for one push, it is a hash of the content; push exceptions begin with their stream
 * and time, by which they are found.
 *
 * @param receivedAt - epoch ms UTC
 * @param pushKeys - to tell whether txSecret fits, before it is masked
 * @param secrets - callback keys, masked wherever they stand
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
  // A key is stored too: neither a secret in the sequence nor the hash of one may stand in it.
  const isNamed = isPush && sequence !== null && masked.body.sequence === body.sequence;
  return {
    account,
    source: 'callback',
    key: `${isNamed ? sequence : contentKey(masked.body)}:${eventType}`,
    receivedAt,
    ...masked,
  };
}
