import { expect, it } from 'vitest';
import { keepDraft, readDraft } from '../../../src/web/state/use-draft.ts';

function createStore() {
  const items = new Map<string, string>();
  return {
    items,
    get length() {
      return items.size;
    },
    key: (index: number) => [...items.keys()][index] ?? null,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

it('keeps the edit of each rule until it is removed', () => {
  const store = createStore();
  keepDraft('auth/a', 'one', store);
  keepDraft('', 'new', store);
  expect([readDraft('auth/a', store), readDraft('', store)]).toEqual(['one', 'new']);
  keepDraft('auth/a', null, store);
  expect([readDraft('auth/a', store), readDraft('auth/b', store)]).toEqual([null, null]);
});

it('keeps the ten latest, and nothing else of the storage', () => {
  const store = createStore();
  store.setItem('other', 'stays');
  for (let index = 0; index < 30; index += 1) {
    keepDraft(`auth/${index}`, 'text', store);
  }
  expect(store.items.size).toBe(11);
  expect(store.getItem('other')).toBe('stays');
  expect(readDraft('auth/29', store)).toBe('text');
});

it('reads no draft from a damaged or full storage', () => {
  const store = createStore();
  store.setItem('breakwatch.edit.auth/a', '{"text":');
  store.setItem('breakwatch.edit.auth/b', '{"text":7,"at":1}');
  expect([readDraft('auth/a', store), readDraft('auth/b', store)]).toEqual([null, null]);
  const full = { ...store, setItem: () => expect.unreachable('caught') };
  expect(() => keepDraft('auth/a', 'one', full)).not.toThrow();
});
