/** Windows of states and incidents; all times in ms. */
export interface IncidentOptions {
  /** A stream that is down for less than this counts as reconnecting and causes no notice. */
  graceMs: number;
  /**
   * After this time a stream is down: the retries of an encoder are minutes apart by then (OBS Studio
   * makes its tenth after 227 s, its eleventh after 342 s).
   */
  reconnectMs: number;
  /** This many breaks within `flapWindowMs` make a stream flapping … */
  flapBreaks: number;
  flapWindowMs: number;
  /** … until it has been live for this long. */
  steadyMs: number;
  /** Outages that begin within this time of each other may have one cause. */
  joinMs: number;
  /** A break within this time after the recovery reopens the incident. */
  holdMs: number;
  /** While streams of an incident are down, others of its scope join until this long after the last one. */
  growMs: number;
  /** A stream without any try to push for this long counts as given up. */
  giveUpMs: number;
  /**
   * A window of outages is folded into totals this long after it ended. What arrives later about it makes
   * the incidents of its account be read from the store again.
   */
  settleMs: number;
}

/** The default windows. */
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
  settleMs: 300_000,
};
