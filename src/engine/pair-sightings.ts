/**
 * Which sightings of two sources tell of the same break: a pure function, the same for whatever
 * order they came in.
 *
 * What stands apart is settled at once: a push that was live for a while has but one counterpart,
 * and so has a sighting with nothing else around it. What is left is loops of refusals and flaps,
 * which follow each other faster than clocks may differ. There one difference of the clocks is
 * sought that lets most of them pair, and each must fit it within a second.
 *
 * Some loops run for hours. Those are worked on in segments, cut at the widest gap near fixed
 * moments, so that what arrives changes its surroundings alone. In such a long loop at perfectly
 * even intervals, nobody can tell a clock difference from one that is an interval away: the smaller
 * is taken, which is wrong only if the clocks differ by half an interval or more.
 *
 * @module
 */

/**
 * How far the clocks of two sources may differ, in ms. Documents say nothing of it; callbacks and
 * API are two systems of one operator, and a stream that returns does so after 2 s at the earliest.
 */
export const CLOCK_TOLERANCE_MS = 5_000;
/** Sightings further from each other than this, in ms, have nothing to do with each other. */
export const APART_MS = 2 * CLOCK_TOLERANCE_MS;
/** A loop up to this long, in ms, is worked on as a whole. */
const WHOLE_LOOP_MS = 600_000;
/** A longer one is cut near multiples of this, in ms since the epoch. */
const SEGMENT_MS = 300_000;
/** Pairs this far around a loop, in ms, tell of the clocks in it. */
const EVIDENCE_MS = 300_000;
/** Whether a sighting is settled hangs on others up to this far away, in ms. */
const SETTLED_REACH_MS = 3 * APART_MS;
/** A result hangs on sightings up to this far outside of its own part of a loop, in ms. */
const PART_REACH_MS = EVIDENCE_MS + SETTLED_REACH_MS;
/** A sighting changes nothing that is further from it than this, in ms. */
export const PAIRING_REACH_MS = WHOLE_LOOP_MS + SEGMENT_MS + 2 * PART_REACH_MS;
/** A cut lies within this distance of its moment, in ms. */
const CUT_RANGE_MS = 30_000;
/** Sightings within this distance of a moment, in ms, tell the clock difference there. */
const CUT_VIEW_MS = 60_000;
/** Both sources tell whole seconds, so one break may seem up to a second apart. */
const SECOND_MS = 1_000;
const OFFSET_STEP_MS = 500;
/** So many pairs may be missed only because a view ends between two sightings of one break. */
const VIEW_LOSS = 2;

/** What has to be known of a sighting, or of several that are one break already. */
export interface Pairable {
  /** When the push ended, epoch ms UTC. */
  endedAt: number;
  /** When it began; null when not told. */
  startedAt: number | null;
  /** Names it among all; also decides where nothing else does. */
  key: string;
}

/** Two that are one break, or one without a counterpart. */
export interface Pairing<T> {
  left: T | undefined;
  right: T | undefined;
  /** All that this hangs on lies in here. */
  reach: Reach;
}

/** A stretch of time, epoch ms UTC, both ends included; infinite where it is not known. */
export interface Reach {
  from: number;
  to: number;
}

interface Edge<T> {
  left: T;
  right: T;
  /** By how much the right one's clock seems ahead, ms. */
  difference: number;
}

/**
 * Pairs sightings of one stream. No two of one side are ever paired, and each is in exactly one
 * pairing.
 *
 * @param couldBeSame - whether the reasons of two allow them to be one break
 * @param known - sightings are known within this only; what a result would hang on outside of it
 *   shows in its reach
 */
export function pairSightings<T extends Pairable>(
  left: readonly T[],
  right: readonly T[],
  couldBeSame: (left: T, right: T) => boolean,
  known: Reach = EVERYWHERE,
): Pairing<T>[] {
  const lefts = [...left].sort(byTime);
  const rights = [...right].sort(byTime);
  const edges = findEdges(lefts, rights, couldBeSame);
  const settled: Pairing<T>[] = [];
  const evidence: Edge<T>[] = [];
  const open = new Set<T>([...lefts, ...rights]);
  const settle = (edge: Edge<T>) => {
    settled.push({ left: edge.left, right: edge.right, reach: around(edge.left, edge.right) });
    evidence.push(edge);
    open.delete(edge.left);
    open.delete(edge.right);
  };

  findLongPairs(edges).forEach(settle);
  const isRight = new Set(rights);
  const edgeOf = new Map(edges.map((edge) => [edge.left, edge]));
  for (const cluster of splitByGap([...open].sort(byTime))) {
    const [first, second] = cluster as [T, T?];
    // Another edge of these two would lead to a third sighting near by.
    const edge = edgeOf.get(first) ?? (second && edgeOf.get(second));
    if (cluster.length === 2 && edge && open.has(edge.left) && open.has(edge.right)) {
      settle(edge);
    } else if (cluster.length <= 2) {
      for (const alone of cluster) {
        settled.push(single(alone, isRight.has(alone), around(alone)));
        open.delete(alone);
      }
    }
  }
  const openEdges = edges.filter((edge) => open.has(edge.left) && open.has(edge.right));
  const byPart = new Map<T, number>();
  const parts = splitByGap([...open].sort(byTime)).flatMap((loop) =>
    partsOf(loop, isRight, openEdges, evidence, known),
  );
  for (const [number, { nodes }] of parts.entries()) {
    for (const node of nodes) {
      byPart.set(node, number);
    }
  }
  const edgesOfPart = parts.map((): Edge<T>[] => []);
  for (const edge of openEdges) {
    const number = byPart.get(edge.left) as number;
    if (number === byPart.get(edge.right)) {
      edgesOfPart[number]?.push(edge);
    }
  }
  for (const [number, { nodes, evidence, reach }] of parts.entries()) {
    const { matching } = bestMatching(edgesOfPart[number] as Edge<T>[], evidence);
    const paired = new Set<T>(matching.flatMap((edge) => [edge.left, edge.right]));
    settled.push(...matching.map(({ left, right }) => ({ left, right, reach })));
    for (const node of nodes) {
      if (!paired.has(node)) {
        settled.push(single(node, isRight.has(node), reach));
      }
    }
  }
  return settled;
}

const EVERYWHERE: Reach = { from: -Infinity, to: Infinity };

function around(...nodes: readonly Pairable[]): Reach {
  const times = nodes.map(({ endedAt }) => endedAt);
  return {
    from: Math.min(...times) - SETTLED_REACH_MS,
    to: Math.max(...times) + SETTLED_REACH_MS,
  };
}

function single<T>(node: T, isRight: boolean, reach: Reach): Pairing<T> {
  return isRight
    ? { left: undefined, right: node, reach }
    : { left: node, right: undefined, reach };
}

function byTime(a: Pairable, b: Pairable): number {
  return a.endedAt - b.endedAt || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

/** All that could be one break, by time. */
function findEdges<T extends Pairable>(
  lefts: readonly T[],
  rights: readonly T[],
  couldBeSame: (left: T, right: T) => boolean,
): Edge<T>[] {
  const edges: Edge<T>[] = [];
  let from = 0;
  for (const left of lefts) {
    while (from < rights.length && isBefore(rights[from], left.endedAt - CLOCK_TOLERANCE_MS)) {
      from += 1;
    }
    for (let index = from; index < rights.length; index += 1) {
      const right = rights[index] as T;
      const difference = right.endedAt - left.endedAt;
      if (difference > CLOCK_TOLERANCE_MS) {
        break;
      }
      const startGap =
        left.startedAt === null || right.startedAt === null
          ? 0
          : Math.abs(right.startedAt - left.startedAt);
      if (startGap <= CLOCK_TOLERANCE_MS && couldBeSame(left, right)) {
        edges.push({ left, right, difference });
      }
    }
  }
  return edges;
}

function isBefore(node: Pairable | undefined, time: number): boolean {
  return node !== undefined && node.endedAt < time;
}

function isLong({ startedAt, endedAt }: Pairable): boolean {
  return startedAt !== null && endedAt - startedAt > APART_MS;
}

/** Pushes of a stream follow each other, so one that was live for a while has one counterpart. */
function findLongPairs<T extends Pairable>(edges: readonly Edge<T>[]): Edge<T>[] {
  const long = edges.filter((edge) => isLong(edge.left) && isLong(edge.right));
  const count = new Map<T, number>();
  for (const node of long.flatMap((edge) => [edge.left, edge.right])) {
    count.set(node, (count.get(node) ?? 0) + 1);
  }
  return long.filter((edge) => count.get(edge.left) === 1 && count.get(edge.right) === 1);
}

/** Runs whose members follow each other within {@link APART_MS}. */
export function splitByGap<T extends Pick<Pairable, 'endedAt'>>(
  nodes: readonly T[],
  gapMs = APART_MS,
): T[][] {
  const runs: T[][] = [];
  let last: T | undefined;
  for (const node of nodes) {
    if (last && node.endedAt - last.endedAt <= gapMs) {
      runs.at(-1)?.push(node);
    } else {
      runs.push([node]);
    }
    last = node;
  }
  return runs;
}

/** A loop, or a segment of a long one. */
interface Part<T> {
  nodes: T[];
  /** Clock differences of settled pairs around it, ms. */
  evidence: number[];
  reach: Reach;
}

/** Takes a loop as a whole, or cuts it when it is long. */
function partsOf<T extends Pairable>(
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

/**
 * The clock difference under which most pair, and the pairs: then the one that fits best, then the
 * smallest.
 *
 * @param evidence - differences of pairs that are settled, which count like pairs
 * @param slack - a greater difference must win by more than so many pairs
 */
function bestMatching<T extends Pairable>(
  edges: readonly Edge<T>[],
  evidence: readonly number[],
  slack = 0,
): { offset: number; matching: Edge<T>[] } {
  let best = { offset: 0, matching: [] as Edge<T>[], count: -1, misfit: 0 };
  for (let step = 0; step <= CLOCK_TOLERANCE_MS / OFFSET_STEP_MS; step += 1) {
    const size = step * OFFSET_STEP_MS;
    for (const offset of size === 0 ? [0] : [size, -size]) {
      const misfitOf = (difference: number) => Math.abs(difference - offset);
      const fitting = edges.filter((edge) => misfitOf(edge.difference) <= SECOND_MS);
      const agreeing = evidence.map(misfitOf).filter((misfit) => misfit <= SECOND_MS);
      if (agreeing.length + fitting.length < best.count) {
        continue;
      }
      const matching = matchMost(fitting, offset);
      const count = matching.length + agreeing.length;
      const misfit =
        matching.reduce((sum, edge) => sum + misfitOf(edge.difference) ** 2, 0) +
        agreeing.reduce((sum, one) => sum + one ** 2, 0);
      if (
        count > best.count + (size > Math.abs(best.offset) + SECOND_MS ? slack : 0) ||
        (count === best.count && misfit < best.misfit)
      ) {
        best = { offset, matching, count, misfit };
      }
    }
  }
  return best;
}

/** As many pairs as possible: the best fitting first, then others give way where that gains one. */
function matchMost<T extends Pairable>(edges: readonly Edge<T>[], offset: number): Edge<T>[] {
  const sorted = [...edges].sort(
    (a, b) =>
      Math.abs(a.difference - offset) - Math.abs(b.difference - offset) ||
      byTime(a.left, b.left) ||
      byTime(a.right, b.right),
  );
  const edgesOf = new Map<T, Edge<T>[]>();
  for (const edge of sorted) {
    edgesOf.set(edge.left, [...(edgesOf.get(edge.left) ?? []), edge]);
  }
  const ofLeft = new Map<T, Edge<T>>();
  const ofRight = new Map<T, Edge<T>>();
  const join = (edge: Edge<T>) => {
    ofLeft.set(edge.left, edge);
    ofRight.set(edge.right, edge);
  };
  for (const edge of sorted) {
    if (!ofLeft.has(edge.left) && !ofRight.has(edge.right)) {
      join(edge);
    }
  }
  const giveWay = (left: T, tried: Set<T>): boolean => {
    for (const edge of edgesOf.get(left) ?? []) {
      if (tried.has(edge.right)) {
        continue;
      }
      tried.add(edge.right);
      const holder = ofRight.get(edge.right);
      if (!holder || giveWay(holder.left, tried)) {
        join(edge);
        return true;
      }
    }
    return false;
  };
  for (const left of [...edgesOf.keys()].sort(byTime)) {
    if (!ofLeft.has(left)) {
      giveWay(left, new Set());
    }
  }
  return [...ofLeft.values()].sort((a, b) => byTime(a.left, b.left));
}
