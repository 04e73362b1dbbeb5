/** Reasons with at least this part of the best similarity are alternates. */
const ALTERNATE_SHARE = 0.6;
const MAX_ALTERNATES = 3;

/** What a wording of a reason is compared by. */
interface Featured {
  reason: string;
  features: ReadonlySet<string>;
}

/**
 * Weighs the features of wordings: those that few reasons have count more.
 *
 * @returns the weight of one feature, and of several
 */
export function weighFeatures(wordings: readonly Featured[]) {
  const reasonsOf = new Map<string, Set<string>>();
  for (const { reason, features } of wordings) {
    for (const feature of features) {
      reasonsOf.set(feature, (reasonsOf.get(feature) ?? new Set()).add(reason));
    }
  }
  const reasonCount = new Set(wordings.map(({ reason }) => reason)).size;
  const weightOf = (feature: string) =>
    Math.log(1 + reasonCount / (reasonsOf.get(feature)?.size ?? 1));
  const sum = (features: Iterable<string>) =>
    [...features].reduce((total, feature) => total + weightOf(feature), 0);
  return { weightOf, sum };
}

/** The next most similar reasons, most similar first. @param scores - the similarity of each reason */
export function alternatesOf(
  scores: ReadonlyMap<string, number>,
  reason: string,
  score: number,
): string[] {
  return [...scores]
    .filter(([other]) => other !== reason)
    .sort((a, b) => b[1] - a[1])
    .slice(0, MAX_ALTERNATES)
    .filter(([, other]) => other >= score * ALTERNATE_SHARE)
    .map(([other]) => other);
}
