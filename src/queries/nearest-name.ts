/**
 * The known name that a mistyped one probably means, or undefined when none is near: at most a
 * third of its letters (and always one) may differ; upper and lower case do not count.
 */
export function nearestName(typed: string, known: readonly string[]): string | undefined {
  if (typed.length > 64) {
    return undefined;
  }
  const wanted = typed.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(typed.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Letters to insert, delete or replace to turn one text into the other. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_unused, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replaced = left[row - 1] === right[column - 1] ? 0 : 1;
      current.push(
        Math.min(
          (previous[column] as number) + 1,
          (current[column - 1] as number) + 1,
          (previous[column - 1] as number) + replaced,
        ),
      );
    }
    previous = current;
  }
  return previous[right.length] as number;
}
