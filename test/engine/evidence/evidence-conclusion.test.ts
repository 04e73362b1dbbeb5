import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concludeFromSamples } from '../../../src/engine/evidence/evidence-conclusion.ts';
import { describeFinding } from '../../../src/engine/evidence/evidence-sentence.ts';
import type { EvidenceKind, PushSample } from '../../../src/model/push.ts';
import { LANGUAGES } from '../../../src/model/vocabulary.ts';
import { NOON } from '../../helpers/arrived-end.ts';

const EVERY = 5_000;

/** Samples every 5 s up to the break, each from its seconds before the break. */
function samples(seconds: number, of: (left: number) => Partial<PushSample>): PushSample[] {
  const list: PushSample[] = [];
  for (let left = seconds * 1_000; left >= 0; left -= EVERY) {
    list.push({
      at: NOON - left,
      videoFps: 25,
      videoRate: 2_500_000,
      audioFps: 43,
      audioRate: 128_000,
      lagMs: 40,
      ...of(left / 1_000),
    });
  }
  return list;
}

/** From 1 to 0.2 in the last 30 s. */
const falling = (left: number) => (left < 30 ? 0.2 + (0.8 * left) / 30 : 1);

const say = (list: readonly PushSample[], endedAt = NOON) =>
  describeFinding(concludeFromSamples(list, endedAt), 'en');

describe('concludeFromSamples', () => {
  it('concludes the uplink if rates fall and timestamps fall behind', () => {
    const list = samples(120, (left) => ({
      videoFps: 25 * falling(left),
      videoRate: 2_500_000 * falling(left),
      audioRate: 128_000 * falling(left),
      lagMs: (1 - falling(left)) * 8_000,
    }));
    expect(concludeFromSamples(list, NOON)).toMatchObject({ kind: 'uplink', fellForMs: 20_000 });
    expect(say(list)).toBe(
      'Video fell from 25 to 8.3 fps in the 20 s before the break: timestamps fell 5.3 s behind as well, so the uplink could not carry the stream.',
    );
  });

  it('concludes encoder or camera if audio continues', () => {
    const list = samples(120, (left) => ({ videoFps: left < 60 ? 4 : 30 }));
    expect(say(list)).toBe(
      'Video fell from 30 to 4 fps in the 55 s before the break: audio held on the same connection, so look at the encoder or camera.',
    );
  });

  it('concludes encoder or uplink if everything falls or there is no audio', () => {
    const fell = samples(120, (left) => ({
      videoRate: left < 60 ? 300_000 : 2_500_000,
      audioRate: left < 60 ? 0 : 128_000,
    }));
    expect(concludeFromSamples(fell, NOON).kind).toBe('all-fell');
    expect(say(fell)).toContain('Video bitrate fell from 2.5 Mbit/s to 300 kbit/s in the 55 s');
    const silent = samples(120, (left) => ({
      videoFps: left < 60 ? 3 : 25,
      audioFps: 0,
      audioRate: 0,
    }));
    expect(concludeFromSamples(silent, NOON).kind).toBe('all-fell');
  });

  it('distinguishes a fall of audio only and a lag of timestamps only', () => {
    const sound = samples(120, (left) => ({ audioRate: left < 30 ? 10_000 : 128_000 }));
    expect(say(sound)).toContain('Audio bitrate fell from 128 kbit/s to 10 kbit/s in the 25 s');
    const late = samples(120, (left) => ({ lagMs: left < 30 ? 2_600 : 100 }));
    expect(say(late)).toBe(
      'Rates held, but timestamps fell 2.5 s behind: the uplink was congested.',
    );
  });

  it('concludes steady if nothing indicated the break', () => {
    expect(say(samples(120, () => ({})))).toBe(
      'Steady to the last sample (25 fps, 2.5 Mbit/s): nothing in the stream indicated the break.',
    );
  });

  it('does not mistake the incomplete last sample for a fall', () => {
    const list = samples(120, (left) => ({
      videoFps: left === 0 ? 3 : 25,
      videoRate: left === 0 ? 200_000 : 2_500_000,
    }));
    expect(concludeFromSamples(list, NOON).kind).toBe('steady');
  });

  it('treats samples without data as silence, not as lag or fall', () => {
    const list = samples(180, (left) =>
      left < 60 ? { videoFps: 0, videoRate: 0, audioFps: 0, audioRate: 0, lagMs: 60_000 } : {},
    );
    expect(concludeFromSamples(list, NOON)).toMatchObject({ kind: 'steady', silentMs: 60_000 });
    expect(say(list)).toContain('The last data came 60 s before the break.');
  });

  it('concludes low if the frame rate was low all the time', () => {
    expect(say(samples(120, () => ({ videoFps: 7 })))).toContain('Video had 7 fps all along');
  });

  it.each([0, 1, 5])('concludes nothing from %i samples', (count) => {
    const list = samples((count - 1) * 5, () => ({ videoFps: 1 }));
    expect(list).toHaveLength(count);
    const { kind } = concludeFromSamples(list, NOON);
    expect(kind).toBe(count === 0 ? 'none' : 'few');
  });

  const value = fc.oneof(
    fc.constant(null),
    fc.constant(0),
    fc.double({ min: 0, max: 1e7, noNaN: true }),
  );
  const anySamples = fc.array(
    fc.record({
      videoFps: value,
      videoRate: value,
      audioFps: value,
      audioRate: value,
      lagMs: fc.oneof(fc.constant(null), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
    }),
    { maxLength: 60 },
  );

  it('concludes nothing about values without figures, and describes every finding in every language', () => {
    fc.assert(
      fc.property(anySamples, (given) => {
        const list = given.map((one, index) => ({ ...one, at: NOON - (60 - index) * EVERY }));
        const finding = concludeFromSamples(list, NOON);
        const needsLag: EvidenceKind[] = ['uplink', 'lagging'];
        if (needsLag.includes(finding.kind)) {
          expect(finding.lagGrowthMs).toBeGreaterThanOrEqual(1_000);
        }
        if (finding.kind === 'video-fell') {
          expect(finding.audioRate?.before).toBeGreaterThan(0);
        }
        if (finding.kind === 'steady') {
          expect([finding.fps, finding.videoRate, finding.audioRate].some(Boolean)).toBe(true);
        }
        for (const language of LANGUAGES) {
          const text = describeFinding(finding, language);
          expect(text).not.toBe('');
          expect(text).not.toMatch(/NaN|undefined|null|Infinity/);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not depend on absolute time', () => {
    fc.assert(
      fc.property(anySamples, fc.integer({ min: 0, max: 1e9 }), (given, moved) => {
        const at = (index: number) => NOON - (60 - index) * EVERY;
        const here = given.map((one, index) => ({ ...one, at: at(index) }));
        const there = given.map((one, index) => ({ ...one, at: at(index) + moved }));
        expect(concludeFromSamples(there, NOON + moved)).toEqual(concludeFromSamples(here, NOON));
      }),
    );
  });
});
