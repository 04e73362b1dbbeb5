import fc from 'fast-check';
import { cut, refused, unpaid } from '../incidents/story.ts';

/** Stories of a few streams: breaks, refusals and recoveries within twenty minutes. */
export const anyStory = fc
  .array(
    fc.record({
      stream: fc.constantFrom('a', 'b', 'c', 'd'),
      domain: fc.constantFrom('a.example.com', 'b.example.com'),
      at: fc.integer({ min: 0, max: 1_200 }),
      lasts: fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }),
      kind: fc.constantFrom('cut', 'refused', 'unpaid'),
    }),
    { maxLength: 14 },
  )
  .map((happenings) =>
    happenings.map(({ kind, lasts, ...happening }) => {
      const make = { cut, refused, unpaid }[kind] as typeof cut;
      const back = lasts === undefined ? undefined : happening.at + lasts;
      return make({ ...happening, since: happening.at - 30, ...(back ? { back } : {}) });
    }),
  );
