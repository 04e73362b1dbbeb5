import type { World } from '../world.ts';

/** Parameters of scripted days; each scenario reads those it knows. */
export interface ScenarioOptions {
  /** How many streams, where a scenario lets one choose. */
  streams?: number;
}

/** A scripted day. */
export interface Scenario {
  /** How much history lies before the start, ms. */
  historyMs: number;
  /** Called once at the world's beginning: adds hosts and plans what they do. */
  play(world: World, options: ScenarioOptions): void;
}
