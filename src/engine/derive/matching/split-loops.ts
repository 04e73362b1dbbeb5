import { bestMatching } from './best-matching.ts';
import {
  ALL_TIME,
  type Edge,
  type Pairable,
  SETTLED_SPAN_MS,
  type TimeSpan,
  UNRELATED_GAP_MS,
} from './pairing.ts';

/** Loops up to this long, ms, are not split. */
const WHOLE_LOOP_MS = 600_000;
/** Longer ones are split near multiples of this, ms since the epoch. */
const SEGMENT_MS = 300_000;
/** Settled pairs up to this far from a loop, ms, count as evidence of its clock difference. */
const EVIDENCE_MS = 300_000;
/** A result depends on observations up to this far outside its own part of a loop, ms. */
const PART_SPAN_MS = EVIDENCE_MS + SETTLED_SPAN_MS;
/** An observation cannot change results further away than this, ms. */
export const PAIRING_SPAN_MS = WHOLE_LOOP_MS + SEGMENT_MS + 2 * PART_SPAN_MS;
/** A split is within this distance of its nominal moment, ms. */
const CUT_RANGE_MS = 30_000;
/** Observations within this distance of a split, ms, decide the clock difference there. */
const CUT_VIEW_MS = 60_000;
/** Pairs that may be missed because the view ends between two observations of one break. */
const MAX_CUT_LOSS = 2;

/** A loop, or one segment of a long loop. */
export interface LoopPart<T> {
  nodes: T[];
  /** Clock differences of settled pairs nearby, ms. */
  evidence: number[];
  dependsOn: TimeSpan;
}

/** Returns a short loop as one part and splits a long one. */
export function splitLoop<T extends Pairable>(
  loop: T[],
  isRight: ReadonlySet<T>,
  edges: readonly Edge<T>[],
  evidence: readonly Edge<T>[],
  known: TimeSpan,
): LoopPart<T>[] {
  const first = (loop[0] as T).endedAt;
  const last = (loop.at(-1) as T).endedAt;
  const evidenceIn = (from: number, to: number) =>
    evidence
      .filter(({ left }) => left.endedAt >= from && left.endedAt <= to)
      .map(({ difference }) => difference);
  if (last - first <= WHOLE_LOOP_MS) {
    // A loop that reaches the end of the known span may continue beyond it.
    const isWhole = first - UNRELATED_GAP_MS >= known.from && last + UNRELATED_GAP_MS <= known.to;
    const dependsOn = { from: first - PART_SPAN_MS, to: last + PART_SPAN_MS };
    return [
      {
        nodes: loop,
        evidence: evidenceIn(first - EVIDENCE_MS, last + EVIDENCE_MS),
        dependsOn: isWhole ? dependsOn : ALL_TIME,
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
      dependsOn: { from: from - PART_SPAN_MS, to: to + PART_SPAN_MS },
    };
  });
}

/**
 * Splits near each multiple of {@link SEGMENT_MS}, in the widest gap after the clock difference has
 * been subtracted, so that a split does not separate the observations of one break.
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
      MAX_CUT_LOSS,
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
