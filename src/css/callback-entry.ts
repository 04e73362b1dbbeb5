import type { JournalEntry } from '../model/journal-entry.ts';
import { maskSecrets } from '../model/mask-secrets.ts';
import { callbackSpan } from './callback-span.ts';
import { hashContent } from './hash-content.ts';
import type { CallbackMessage } from './parse-callback.ts';
import { pushExceptionKey } from './push-exception.ts';
import { derivePushParams, type PushKey } from './push-url.ts';
import { deriveStreamNames } from './stream-names.ts';

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
 */
export function callbackEntry(
  account: string,
  message: CallbackMessage,
  receivedAt: number,
  pushKeys: readonly PushKey[],
): JournalEntry {
  const { eventType, sequence, streamParam, body } = message;
  const isPush = eventType === 0 || eventType === 1;
  const derived =
    isPush && streamParam !== null
      ? {
          ...derivePushParams(streamParam, { ...message, ...callbackSpan(message) }, pushKeys),
          ...deriveStreamNames(streamParam, message.stream),
        }
      : {};
  return {
    account,
    source: 'callback',
    key:
      isPush && sequence !== null ? `${sequence}:${eventType}` : `${contentKey(body)}:${eventType}`,
    receivedAt,
    body: maskSecrets(body),
    derived,
  };
}
