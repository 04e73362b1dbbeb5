import { backoffMs } from '../../model/time.ts';
import type { Language } from '../../model/vocabulary.ts';
import type { ShownBreak } from './api.ts';

/** Changes within this time are delivered together, ms. */
const COLLECT_MS = 250;
const BACKOFF = { firstMs: 2_000, maxMs: 30_000 };
/** A page that was hidden for this long may have lost its connection without an error, ms. */
const MAX_HIDDEN_MS = 30_000;

/** One change of the list of breaks. */
export type StreamChange = { arrived: ShownBreak } | { removed: string };

/** Receives the events of the stream. */
export interface StreamListener {
  onChanges(changes: readonly StreamChange[]): void;
  /** Changes may be missing: the stream was opened again, or the server skipped some. */
  onMissed(): void;
  /** The connection is lost. */
  onLost(): void;
}

/**
 * Listens to new breaks of the server and reconnects. An `EventSource` alone does not: it stops for good
 * when a proxy answers with an error.
 *
 * @returns a function that closes the stream
 */
export function openStream(language: Language, listener: StreamListener): () => void {
  let stream: EventSource;
  let changes: StreamChange[] = [];
  let flushing: ReturnType<typeof setTimeout> | undefined;
  let retrying: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
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
    clearTimeout(retrying);
    stream = new EventSource(`/api/v1/stream?lang=${language}`);
    stream.addEventListener('open', () => {
      failures = 0;
      listener.onMissed();
    });
    stream.addEventListener('error', () => {
      listener.onLost();
      if (stream.readyState === EventSource.CLOSED) {
        failures += 1;
        retrying = setTimeout(connect, backoffMs(BACKOFF, failures));
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
  const onVisibility = () => {
    const hiddenMs = hiddenAt === null ? 0 : Date.now() - hiddenAt;
    hiddenAt = document.hidden ? Date.now() : null;
    if (!document.hidden && hiddenMs > MAX_HIDDEN_MS) {
      stream.close();
      connect();
    }
  };
  document.addEventListener('visibilitychange', onVisibility);
  connect();
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    clearTimeout(flushing);
    clearTimeout(retrying);
    stream.close();
  };
}
