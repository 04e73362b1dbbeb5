import type { StreamKey } from './break-event.ts';
import type { FactValue } from './facts.ts';
import type { AnswerError } from './query.ts';

/** What CSS measured of a push at one moment. What it did not tell is null. */
export interface PushSample {
  /** Epoch ms UTC. */
  at: number;
  videoFps: number | null;
  /** Bit/s. */
  videoRate: number | null;
  audioFps: number | null;
  /** Bit/s. */
  audioRate: number | null;
  /**
   * By how much the stream's timestamps are behind CSS's clock, in ms, from wherever both began:
   * only its growth tells something.
   */
  lagMs: number | null;
}

/**
 * What the samples before a break show.
 *
 * - `refused`: the push never started; `none`: there are no samples; `few`: too few to conclude
 * - `uplink`: rates fell and timestamps fell behind; `lagging`: timestamps alone fell behind
 * - `video-fell`: video fell while audio held; `audio-fell`: the other way round
 * - `all-fell`: video fell, and audio with it or there is none to compare
 * - `low`: video was slow all along; `steady`: nothing changed up to the last sample
 */
export type EvidenceKind =
  | 'refused'
  | 'none'
  | 'few'
  | 'uplink'
  | 'lagging'
  | 'video-fell'
  | 'audio-fell'
  | 'all-fell'
  | 'low'
  | 'steady';

/** A value early in the samples and at their end. */
export interface BeforeAfter {
  before: number;
  after: number;
}

/** The conclusion from samples, with the figures it rests on. */
export interface EvidenceFinding {
  kind: EvidenceKind;
  /** Samples that were looked at. */
  count: number;
  fps: BeforeAfter | null;
  /** Video, bit/s. */
  videoRate: BeforeAfter | null;
  /** Bit/s. */
  audioRate: BeforeAfter | null;
  /** By how much the timestamps fell behind, ms. */
  lagGrowthMs: number | null;
  /** How long before the break the fall began, ms; null when nothing fell. */
  fellForMs: number | null;
  /** How long before the break the last data came, ms; null when there is no sample with data. */
  silentMs: number | null;
}

/** A push exception that CSS told of (callback 321). */
export interface PushException {
  /** Epoch ms UTC. */
  at: number;
  /** CSS's number of it: 1 to 16. */
  type: number;
  /** What it is, in one language. */
  text: string;
  /** How often within the report. */
  count: number;
  /** CSS's own detail of the first; null when there is none. */
  detail: string | null;
}

/** What CSS says of a stream now. */
export type EvidenceState = 'active' | 'inactive' | 'forbid' | 'unknown';

/** What was fetched of one break when somebody asked for it. */
export interface BreakEvidence extends StreamKey {
  breakId: string;
  /** When the break was, epoch ms UTC. */
  endedAt: number;
  /** When CSS was asked, epoch ms UTC. */
  askedAt: number;
  /** Of the stream at that moment; null when it could not be asked. */
  state: EvidenceState | null;
  finding: EvidenceFinding;
  /** The finding in one language. */
  sentence: string;
  /** Oldest first. */
  samples: PushSample[];
  /** Parameters of the push URL, masked, and what follows from them; null when not told. */
  push: { params: string; facts: Record<string, FactValue> } | null;
  /** Push exceptions in the minutes before the break, oldest first. */
  exceptions: PushException[];
  /** What could not be asked, and why. */
  problems: AnswerError[];
}
