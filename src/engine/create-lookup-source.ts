import type { Diagnoser } from '../diagnosis/run/index.ts';
import type { LookupSource } from '../queries/lookup/lookup-source.ts';
import { reasonById } from '../reasons/reason-catalogue.ts';

/** Answers lookups from the rules in force: what would they say if nothing but the reason was known? */
export function createLookupSource(diagnoser: Diagnoser): LookupSource {
  return {
    async rulesFor(reason) {
      const known = reasonById(reason);
      if (!known) {
        return undefined;
      }
      const [code] = known.codes;
      return diagnoser.diagnose(
        { reason },
        {
          reason,
          by: 'code',
          code: code ?? null,
          bypassCode: null,
          ground: known.ambiguous ? 'ambiguous-code' : 'specific-code',
          alternates: [],
        },
      );
    },
  };
}
