/** What stands in `next` where no event has led yet. */
const NONE = -1;

/** One step of all signatures: from what was known before and a class to what is known after. */
class Step {
  /** By what was known before, the place after each class. */
  readonly next: Int32Array[] = [new Int32Array(4).fill(NONE)];
  /** Places behind this step. */
  count = 0;

  /** Makes the place that nobody has come to yet. */
  add(before: number, part: number): number {
    let ofBefore = this.next[before] as Int32Array;
    if (part >= ofBefore.length) {
      const larger = new Int32Array(Math.max(part + 1, ofBefore.length * 2)).fill(NONE);
      larger.set(ofBefore);
      ofBefore = larger;
      this.next[before] = larger;
    }
    const place = this.count;
    ofBefore[part] = place;
    this.count += 1;
    return place;
  }
}

/** Gives each signature, a list of classes one after the other, a number of its own from 0. */
export class SignatureTree {
  readonly #steps: readonly Step[];

  /** @param parts - classes in a signature */
  constructor(parts: number) {
    this.#steps = Array.from({ length: parts }, () => new Step());
  }

  /** How many places there are in all; memory goes with it. */
  get size(): number {
    return this.#steps.reduce((sum, step) => sum + step.count, 0);
  }

  /**
   * Takes events one part further.
   *
   * @param part - which part, from 0
   * @param states - the numbers of the events' signatures before, changed to those after
   * @param classes - of each event, in the same order
   */
  advance(part: number, states: Int32Array, classes: Int32Array, events: number): void {
    const step = this.#steps[part] as Step;
    const below = this.#steps[part + 1];
    const { next } = step;
    for (let event = 0; event < events; event += 1) {
      const before = states[event] as number;
      const one = classes[event] as number;
      const ofBefore = next[before] as Int32Array;
      let after = one < ofBefore.length ? (ofBefore[one] as number) : NONE;
      if (after === NONE) {
        after = step.add(before, one);
        if (below && after > 0) {
          below.next.push(new Int32Array(4).fill(NONE));
        }
      }
      states[event] = after;
    }
  }
}
