import { useState } from 'react';

const PREFIX = 'breakwatch.edit.';
/** Edits that are kept; the oldest are dropped. */
const MAX_DRAFTS = 10;

/** Where edits are kept: the part of `Storage` that is used. */
type DraftStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** The edits of this tab of the browser; undefined where it forbids storage. */
function storeOfTab(): DraftStore | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}

interface Draft {
  /** When it was kept, epoch ms UTC. */
  at: number;
  text: string;
}

function readStored(store: DraftStore, key: string): Draft | null {
  try {
    const draft = JSON.parse(store.getItem(key) ?? 'null') as Draft | null;
    return typeof draft?.text === 'string' && typeof draft.at === 'number' ? draft : null;
  } catch {
    return null;
  }
}

/** Reads the edit of a rule; null when none is kept. */
export function readDraft(name: string, store = storeOfTab()): string | null {
  return store ? (readStored(store, PREFIX + name)?.text ?? null) : null;
}

/** Keeps the edit of a rule until the tab is closed; null removes it. */
export function keepDraft(name: string, text: string | null, store = storeOfTab()): void {
  if (!store) {
    return;
  }
  try {
    if (text === null) {
      store.removeItem(PREFIX + name);
      return;
    }
    store.setItem(PREFIX + name, JSON.stringify({ at: Date.now(), text } satisfies Draft));
    const others = Array.from({ length: store.length }, (_none, index) => store.key(index) ?? '')
      .filter((key) => key.startsWith(PREFIX) && key !== PREFIX + name)
      .map((key) => ({ key, at: readStored(store, key)?.at ?? 0 }))
      .sort((a, b) => b.at - a.at);
    for (const { key } of others.slice(MAX_DRAFTS - 1)) {
      store.removeItem(key);
    }
  } catch {
    // The storage is full or forbidden; the edit then lasts as long as the page.
  }
}

/**
 * The text of an edit, which outlasts a visit of other pages and a reload.
 *
 * @param name - of the rule; empty for a new one
 * @param source - the text without an edit
 */
export function useDraft(name: string, source: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => readDraft(name) ?? source);
  return [
    text,
    (next) => {
      setText(next);
      keepDraft(name, next === source ? null : next);
    },
  ];
}
