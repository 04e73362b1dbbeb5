/** The down-time of one break: from its end to its recovery, epoch ms UTC. */
export interface LostSpan {
  /** The cell of the break. */
  cell: number;
  from: number;
  /** Null while the stream has not recovered. */
  to: number | null;
}

/** A time in which the breaks that have not recovered are of the same cells. */
export interface LostSegment {
  from: number;
  to: number;
  /** In ascending order. */
  cells: number[];
}

/**
 * Merges the spans of one stream: those of a cell that overlap become one, and of those without an end only
 * the earliest of each cell remains. At any moment the same cells are down as before.
 *
 * @returns by cell, then by start; spans without an end are last of their cell
 */
export function mergeSpans(spans: readonly LostSpan[]): LostSpan[] {
  const endOf = ({ to }: LostSpan) => (to === null ? 1 : 0);
  const sorted = [...spans].sort(
    (a, b) => a.cell - b.cell || endOf(a) - endOf(b) || a.from - b.from,
  );
  const merged: LostSpan[] = [];
  for (const span of sorted) {
    const last = merged.at(-1);
    if (last?.cell === span.cell && last.to === null) {
      continue;
    }
    if (last?.cell === span.cell && span.to !== null && (last.to as number) >= span.from) {
      last.to = Math.max(last.to as number, span.to);
    } else {
      merged.push({ ...span });
    }
  }
  return merged;
}

/** The part of spans within a range. A span without an end keeps none, unless the range has one. */
export function clipSpans(spans: readonly LostSpan[], from: number, to: number): LostSpan[] {
  return spans
    .map((span) => {
      const end = Math.min(span.to ?? Number.POSITIVE_INFINITY, to);
      return {
        cell: span.cell,
        from: Math.max(span.from, from),
        to: end === Number.POSITIVE_INFINITY ? null : end,
      };
    })
    .filter((span) => span.to === null || span.from < span.to);
}

/**
 * Divides the down-time of one stream at each moment where the set of its cells changes.
 *
 * @param spans - merged, all with an end
 * @returns in order of time
 */
export function segmentsOf(spans: readonly LostSpan[]): LostSegment[] {
  const [only] = spans;
  if (only !== undefined && spans.length === 1) {
    return [{ from: only.from, to: only.to as number, cells: [only.cell] }];
  }
  const changes = spans.flatMap(({ cell, from, to }) => [
    { at: from, cell, starts: true },
    { at: to as number, cell, starts: false },
  ]);
  changes.sort((a, b) => a.at - b.at);
  const down = new Map<number, number>();
  const segments: LostSegment[] = [];
  let from = 0;
  for (const { at, cell, starts } of changes) {
    if (at > from && down.size > 0) {
      segments.push({ from, to: at, cells: [...down.keys()].sort((a, b) => a - b) });
    }
    from = at;
    const count = (down.get(cell) ?? 0) + (starts ? 1 : -1);
    if (count === 0) {
      down.delete(cell);
    } else {
      down.set(cell, count);
    }
  }
  return segments;
}
