import { useCallback, useEffect, useRef, useState } from 'react';
import type { TryLine } from '../../contract/rules.ts';
import type { AnswerError } from '../../model/errors.ts';
import type { Language } from '../../model/vocabulary.ts';
import { readLines } from './read-lines.ts';
import { STARTED, type Trial, takeEnd, takeLine } from './trial.ts';

/** Longer than another trial that the server finishes first, and this one, ms. */
const TIMEOUT_MS = 5 * 60_000;

/** Sends an edit, and tells about each line of the answer. */
async function sendEdit(
  text: string,
  language: Language,
  signal: AbortSignal,
  show: (trial: Trial) => void,
): Promise<void> {
  let trial = STARTED;
  const turn = (next: Trial) => {
    trial = next;
    show(next);
  };
  turn(STARTED);
  try {
    const response = await fetch('/api/v1/rules/try', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text, lang: language }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (!response.ok || !response.body) {
      // A proxy answers in HTML when the server is down.
      const body = (await response.json().catch(() => null)) as { error?: AnswerError } | null;
      turn({ ...trial, state: body?.error ? 'failed' : 'cut', error: body?.error ?? null });
      return;
    }
    for await (const line of readLines<TryLine>(response.body)) {
      turn(takeLine(trial, line));
    }
    turn(takeEnd(trial));
  } catch {
    if (trial.state === 'running') {
      turn({ ...trial, state: 'cut' });
    }
  }
}

/** Tries edits of rules, one at a time. Leaving the page stops the work on the server. */
export function useTrial(language: Language): {
  /** Null before the first one. */
  trial: Trial | null;
  run: (text: string) => void;
  cancel: () => void;
} {
  const [trial, setTrial] = useState<Trial | null>(null);
  const running = useRef<AbortController | null>(null);
  const stop = useCallback(() => running.current?.abort(), []);
  useEffect(() => stop, [stop]);
  return {
    trial,
    run(text) {
      stop();
      const abort = new AbortController();
      running.current = abort;
      void sendEdit(text, language, abort.signal, (next) => {
        // A line of a trial that was cancelled is late.
        if (!abort.signal.aborted) {
          setTrial(next);
        }
      });
    },
    cancel() {
      stop();
      setTrial((last) => (last?.state === 'running' ? { ...last, state: 'cancelled' } : last));
    },
  };
}
