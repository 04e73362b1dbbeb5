/** Windows of states and incidents; all times in ms. */
export interface IncidentOptions {
  /** Down for less than this, a stream counts as on its way back and nobody has to be told. */
  graceMs: number;
  /**
   * After this a stream is down: an encoder's tries are minutes apart by then (OBS Studio's tenth
   * comes after 227 s, its eleventh after 342 s).
   */
  reconnectMs: number;
  /** So many breaks within `flapWindowMs` make a stream flapping … */
  flapBreaks: number;
  flapWindowMs: number;
  /** … until it has been live for this long. */
  steadyMs: number;
  /** Outages that begin within this time of each other may have one cause. */
  joinMs: number;
  /** A break so long after the recovery reopens the incident; also how long a stream counts as recovered. */
  holdMs: number;
  /** While some streams of an incident stay down, others of its scope join it for so long after the last that did. */
  growMs: number;
  /** A stream that nobody has tried to push for so long is given up. */
  giveUpMs: number;
}

/** The windows that are used when none are named. */
export const INCIDENT_OPTIONS: IncidentOptions = {
  graceMs: 60_000,
  reconnectMs: 300_000,
  flapBreaks: 3,
  flapWindowMs: 600_000,
  steadyMs: 900_000,
  joinMs: 120_000,
  holdMs: 300_000,
  growMs: 1_800_000,
  giveUpMs: 6 * 3_600_000,
};
