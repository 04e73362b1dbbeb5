import { useState } from 'react';

/**
 * A setting that the browser remembers.
 *
 * @param accepts - tells whether a remembered value is still a valid one
 */
export function useSetting<T extends string>(
  name: string,
  fallback: T,
  accepts: (value: string) => value is T,
): [T, (value: T) => void] {
  const key = `breakwatch.${name}`;
  const [value, setValue] = useState<T>(() => {
    try {
      const kept = localStorage.getItem(key);
      return kept !== null && accepts(kept) ? kept : fallback;
    } catch {
      return fallback;
    }
  });
  return [
    value,
    (next) => {
      setValue(next);
      try {
        localStorage.setItem(key, next);
      } catch {
        // Private windows may forbid storage; the setting then lasts as long as the page.
      }
    },
  ];
}
