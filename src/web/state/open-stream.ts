import type { Language } from '../../model/vocabulary.ts';
import type { ShownBreak } from './api.ts';

/** Breaks that come together are drawn together. */
const COLLECT_MS = 250;
const SOONEST_AGAIN_MS = 2_000;
const LATEST_AGAIN_MS = 30_000;
/** A page that nobody saw for so long may have lost its connection without being told. */
const ASLEEP_MS = 30_000;

/** What came since the last time, in the order in which it came. */
export type StreamChange = { arrived: ShownBreak } | { removed: string };

/** What a page wants to be told. */
export interface StreamListener {
  onChanges(changes: readonly StreamChange[]): void;
  /** Something may have been missed: the stream opened, carried not all, or the page slept. */
  onMissed(): void;
  onLost(): void;
}

/**
 * Listens to the server's breaks, and goes on trying: browsers give up for good when something
 * between page and server answers an error.
 *
 * @returns ends it
 */
export function openStream(language: Language, listener: StreamListener): () => void {
  let stream: EventSource;
  let changes: StreamChange[] = [];
  let flushing: ReturnType<typeof setTimeout> | undefined;
  let trying: ReturnType<typeof setTimeout> | undefined;
  let wait = SOONEST_AGAIN_MS;
  let hiddenAt: number | null = null;

  const collect = (change: StreamChange) => {
    changes.push(change);
    flushing ??= setTimeout(() => {
      const collected = changes;
      changes = [];
      flushing = undefined;
      listener.onChanges(collected);
    }, COLLECT_MS);
  };
  const connect = () => {
    clearTimeout(trying);
    stream = new EventSource(`/api/v1/stream?lang=${language}`);
    stream.addEventListener('open', () => {
      wait = SOONEST_AGAIN_MS;
      listener.onMissed();
    });
    stream.addEventListener('error', () => {
      listener.onLost();
      if (stream.readyState === EventSource.CLOSED) {
        trying = setTimeout(connect, wait);
        wait = Math.min(wait * 2, LATEST_AGAIN_MS);
      }
    });
    stream.addEventListener('skipped', () => listener.onMissed());
    stream.addEventListener('removed', (event: MessageEvent<string>) =>
      collect({ removed: (JSON.parse(event.data) as { id: string }).id }),
    );
    stream.addEventListener('break', (event: MessageEvent<string>) =>
      collect({ arrived: JSON.parse(event.data) as ShownBreak }),
    );
  };
  const wake = () => {
    const slept = hiddenAt === null ? 0 : Date.now() - hiddenAt;
    hiddenAt = document.hidden ? Date.now() : null;
    if (!document.hidden && slept > ASLEEP_MS) {
      stream.close();
      connect();
    }
  };
  document.addEventListener('visibilitychange', wake);
  connect();
  return () => {
    document.removeEventListener('visibilitychange', wake);
    clearTimeout(flushing);
    clearTimeout(trying);
    stream.close();
  };
}
