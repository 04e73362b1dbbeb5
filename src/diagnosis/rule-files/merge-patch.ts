import { isObject } from '../../model/is-object.ts';

/**
 * Applies a JSON Merge Patch (RFC 7396): null removes a key, an object is merged, any other value replaces.
 *
 * @returns a new value; neither argument changes
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) {
    return patch;
  }
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      merged.delete(key);
    } else {
      merged.set(key, mergePatch(merged.get(key), value));
    }
  }
  return Object.fromEntries(merged);
}
