import { bestMatching } from './best-matching.ts';
import {
  APART_MS,
  type Edge,
  EVERYWHERE,
  type Pairable,
  type Reach,
  SETTLED_REACH_MS,
} from './pairing-terms.ts';

/** A loop up to this long, in ms, is worked on as a whole. */
const WHOLE_LOOP_MS = 600_000;
/** A longer one is cut near multiples of this, in ms since the epoch. */
const SEGMENT_MS = 300_000;
/** Pairs this far around a loop, in ms, tell of the clocks in it. */
const EVIDENCE_MS = 300_000;
/** A result hangs on sightings up to this far outside of its own part of a loop, in ms. */
const PART_REACH_MS = EVIDENCE_MS + SETTLED_REACH_MS;
/** A sighting changes nothing that is further from it than this, in ms. */
export const PAIRING_WINDOW_MS = WHOLE_LOOP_MS + SEGMENT_MS + 2 * PART_REACH_MS;
/** A cut lies within this distance of its moment, in ms. */
const CUT_RANGE_MS = 30_000;
/** Sightings within this distance of a moment, in ms, tell the clock difference there. */
const CUT_VIEW_MS = 60_000;
/** So many pairs may be missed only because a view ends between two sightings of one break. */
const VIEW_LOSS = 2;

/** A loop, or a segment of a long one. */
export interface Part<T> {
  nodes: T[];
  /** Clock differences of settled pairs around it, ms. */
  evidence: number[];
  reach: Reach;
}

/** Takes a loop as a whole, or cuts it when it is long. */
export function partsOf<T extends Pairable>(
  loop: T[],
  isRight: ReadonlySet<T>,
  edges: readonly Edge<T>[],
  evidence: readonly Edge<T>[],
  known: Reach,
): Part<T>[] {
  const first = (loop[0] as T).endedAt;
  const last = (loop.at(-1) as T).endedAt;
  const evidenceIn = (from: number, to: number) =>
    evidence
      .filter(({ left }) => left.endedAt >= from && left.endedAt <= to)
      .map(({ difference }) => difference);
  if (last - first <= WHOLE_LOOP_MS) {
    // A loop that reaches the end of what is known may go on there.
    const isWhole = first - APART_MS >= known.from && last + APART_MS <= known.to;
    const reach = { from: first - PART_REACH_MS, to: last + PART_REACH_MS };
    return [
      {
        nodes: loop,
        evidence: evidenceIn(first - EVIDENCE_MS, last + EVIDENCE_MS),
        reach: isWhole ? reach : EVERYWHERE,
      },
    ];
  }
  const segmentOf = cutIntoSegments(loop, isRight, edges, evidence);
  const segments = new Map<number, T[]>();
  for (const node of loop) {
    const number = segmentOf(node);
    segments.set(number, [...(segments.get(number) ?? []), node]);
  }
  return [...segments].map(([number, nodes]) => {
    const from = number * SEGMENT_MS;
    const to = from + SEGMENT_MS;
    return {
      nodes,
      evidence: evidenceIn(from - EVIDENCE_MS, to + EVIDENCE_MS),
      reach: { from: from - PART_REACH_MS, to: to + PART_REACH_MS },
    };
  });
}

/**
 * Cuts near each multiple of {@link SEGMENT_MS}, in the widest gap once the clock difference there
 * is taken out, so that a cut does not part the sightings of one break.
 */
function cutIntoSegments<T extends Pairable>(
  nodes: readonly T[],
  isRight: ReadonlySet<T>,
  edges: readonly Edge<T>[],
  evidence: readonly Edge<T>[],
): (node: T) => number {
  const cuts = new Map<number, { offset: number; at: number }>();
  function cutAt(moment: number): { offset: number; at: number } {
    const known = cuts.get(moment);
    if (known) {
      return known;
    }
    const inView = ({ endedAt }: Pairable) => Math.abs(endedAt - moment) <= CUT_VIEW_MS;
    const { offset } = bestMatching(
      edges.filter((edge) => inView(edge.left) && inView(edge.right)),
      evidence.filter((edge) => inView(edge.left)).map((edge) => edge.difference),
      VIEW_LOSS,
    );
    const times = nodes
      .filter(inView)
      .map((node) => node.endedAt - (isRight.has(node) ? offset : 0))
      .filter((time) => Math.abs(time - moment) < CUT_RANGE_MS)
      .sort((a, b) => a - b);
    const edgesOfRange = [moment - CUT_RANGE_MS, ...times, moment + CUT_RANGE_MS];
    let at = moment;
    let widest = -1;
    for (let index = 1; index < edgesOfRange.length && times.length > 0; index += 1) {
      const before = edgesOfRange[index - 1] as number;
      const gap = (edgesOfRange[index] as number) - before;
      if (gap > widest) {
        widest = gap;
        at = before + gap / 2;
      }
    }
    const cut = { offset, at };
    cuts.set(moment, cut);
    return cut;
  }
  return (node) => {
    const nearest = Math.round(node.endedAt / SEGMENT_MS);
    const moment = nearest * SEGMENT_MS;
    if (Math.abs(node.endedAt - moment) > CUT_VIEW_MS) {
      return Math.floor(node.endedAt / SEGMENT_MS);
    }
    const { offset, at } = cutAt(moment);
    return node.endedAt - (isRight.has(node) ? offset : 0) < at ? nearest - 1 : nearest;
  };
}
