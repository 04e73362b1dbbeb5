const SECOND_MS = 1_000;

/**
 * Whether a start was computed from the end of its push. A begin callback and the API report whole
 * seconds. The callback of an end reports the duration in milliseconds, so the start that follows from
 * it is up to a second off, and is a whole second only by chance.
 *
 * @param startedAt - epoch ms UTC
 */
export function isComputedStart(startedAt: number): boolean {
  return startedAt % SECOND_MS !== 0;
}

/**
 * Chooses one of two reported starts of one push: the reported one before the computed one, then the
 * earlier. The end of a push that has begun therefore changes no start, and no recovery of the break before
 * it. The order of arrival does not matter.
 *
 * @param one - epoch ms UTC
 * @param other - epoch ms UTC
 * @returns epoch ms UTC
 */
export function canonicalStart(one: number, other: number): number {
  if (isComputedStart(one) !== isComputedStart(other)) {
    return isComputedStart(one) ? other : one;
  }
  return Math.min(one, other);
}
