import { useState } from 'react';

/**
 * A setting that the browser stores.
 *
 * @param accepts - whether a stored value is valid
 */
export function useSetting<T extends string>(
  name: string,
  fallback: T,
  accepts: (value: string) => value is T,
): [T, (value: T) => void] {
  const key = `breakwatch.${name}`;
  const [value, setValue] = useState<T>(() => {
    try {
      const stored = localStorage.getItem(key);
      return stored !== null && accepts(stored) ? stored : fallback;
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
        // Private windows may forbid storage; the setting is then lost on reload.
      }
    },
  ];
}
