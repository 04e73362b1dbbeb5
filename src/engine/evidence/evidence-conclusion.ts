import type { FactValue } from '../../model/facts.ts';
import type { BeforeAfter, EvidenceFinding, EvidenceKind, PushSample } from '../../model/push.ts';

/** Minimum number of samples with data: the first half gives the usual value. */
const MIN_SAMPLES = 6;
/** Number of samples whose median is the value at the end, because the last one may be incomplete. */
const END_SAMPLES = 3;
/** A value has fallen if it is at most this part of the usual one. Our own choice, not documented. */
const FELL_TO = 0.5;
/** A sample belongs to the fall if it is below this part of the usual value. Our own choice. */
const FALLING_BELOW = 0.8;
/** Below this frame rate, fps, video clearly stutters (source: CSS document on stuttering, V2). */
const STUTTER_FPS = 10;
/** From this frame rate on, fps, video is fine (same source). */
const FINE_FPS = 15;
/** CSS reports timestamps that jump by more than this, ms (push exceptions 3 and 4). */
const LAG_MS = 1_000;

/** Shorter silence, ms, is the normal time between two samples. */
export const SILENCE_MS = 15_000;

const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[half] as number)
    : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
};

type Field = 'videoFps' | 'videoRate' | 'audioRate' | 'lagMs';

/** Returns a field's usual value, from the first half of the samples, and its value at the end. */
function compare(samples: readonly PushSample[], field: Field): BeforeAfter | null {
  const values = samples.flatMap((sample) => sample[field] ?? []);
  if (values.length < MIN_SAMPLES) {
    return null;
  }
  return {
    before: medianOf(values.slice(0, Math.ceil(values.length / 2))),
    after: medianOf(values.slice(-END_SAMPLES)),
  };
}

function hasFallen(change: BeforeAfter | null): boolean {
  return change !== null && change.before > 0 && change.after <= change.before * FELL_TO;
}

function hasData({ videoFps, videoRate, audioFps, audioRate }: PushSample): boolean {
  const values = [videoFps, videoRate, audioFps, audioRate].filter((value) => value !== null);
  return values.length === 0 || values.some((value) => value > 0);
}

/** Returns when the last unbroken run of lower values began, epoch ms UTC. */
function fallBegan(
  samples: readonly PushSample[],
  field: Field,
  normalValue: number,
): number | null {
  let began: number | null = null;
  for (const sample of [...samples].reverse()) {
    const value = sample[field];
    if (value !== null && value >= normalValue * FALLING_BELOW) {
      break;
    }
    began = sample.at;
  }
  return began;
}

/**
 * Concludes what went wrong with the stream from the measurements of CSS in the minutes before a break.
 * It concludes only what the figures show.
 *
 * @param samples - samples of the push that broke, oldest first
 * @param endedAt - when it broke, epoch ms UTC
 */
export function concludeFromSamples(
  samples: readonly PushSample[],
  endedAt: number,
): EvidenceFinding {
  const lastWithData = samples.findLastIndex(hasData);
  // Samples without data are silence. Their timestamps do not move, which is not a lag.
  const flowing = samples.slice(0, lastWithData + 1);
  const last = flowing.at(-1);
  const fps = compare(flowing, 'videoFps');
  const videoRate = compare(flowing, 'videoRate');
  const audioRate = compare(flowing, 'audioRate');
  const lag = compare(flowing, 'lagMs');
  const lagGrowthMs = lag && Math.round(lag.after - lag.before);
  const isFpsLow = fps !== null && fps.before >= FINE_FPS && fps.after < STUTTER_FPS;
  const fpsFell = hasFallen(fps) || isFpsLow;
  const videoFell = fpsFell || hasFallen(videoRate);
  const audioFell = hasFallen(audioRate);
  const isKnown = fps !== null || videoRate !== null || audioRate !== null;
  const kind = ((): EvidenceKind => {
    if (samples.length === 0) {
      return 'none';
    }
    if (flowing.length < MIN_SAMPLES || !isKnown) {
      return 'few';
    }
    if ((lagGrowthMs ?? 0) >= LAG_MS) {
      return videoFell || audioFell ? 'uplink' : 'lagging';
    }
    if (videoFell) {
      return audioRate && audioRate.before > 0 && !audioFell ? 'video-fell' : 'all-fell';
    }
    if (audioFell) {
      return 'audio-fell';
    }
    return fps !== null && fps.before > 0 && fps.before < STUTTER_FPS ? 'low' : 'steady';
  })();
  const [fallen, normalValue] = fpsFell
    ? (['videoFps', fps?.before] as const)
    : videoFell
      ? (['videoRate', videoRate?.before] as const)
      : (['audioRate', audioFell ? audioRate?.before : undefined] as const);
  const beganAt = normalValue === undefined ? null : fallBegan(flowing, fallen, normalValue);
  return {
    kind,
    count: samples.length,
    fps,
    videoRate,
    audioRate,
    lagGrowthMs,
    fellForMs: beganAt === null ? null : Math.max(0, endedAt - beganAt),
    silentMs: last ? Math.max(0, endedAt - last.at) : null,
  };
}

/** Returns the finding of a break without samples. */
export function noFinding(kind: Extract<EvidenceKind, 'refused' | 'none'>): EvidenceFinding {
  return { ...concludeFromSamples([], 0), kind };
}

/**
 * Turns a finding into facts for rules. A stream that was steady and then sent nothing for a while was silent: a
 * dead link looks like that, and a link that was fine does not.
 *
 * @returns empty when the samples allow no conclusion
 */
export function factsOfFinding({
  kind,
  fps,
  videoRate,
  audioRate,
  silentMs,
}: EvidenceFinding): Record<string, FactValue> {
  if (kind === 'refused' || kind === 'none' || kind === 'few') {
    return {};
  }
  const isSilent = kind === 'steady' && silentMs !== null && silentMs >= SILENCE_MS;
  return {
    samplesBeforeBreak: isSilent ? 'silent' : kind,
    ...(fps && { fpsBeforeBreak: Math.round(fps.after) }),
    ...(videoRate && { videoRateBeforeBreak: Math.round(videoRate.after / 1_000) }),
    ...(audioRate && { audioRateBeforeBreak: Math.round(audioRate.after / 1_000) }),
  };
}
