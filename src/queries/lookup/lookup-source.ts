import type { Diagnosis } from '../../model/diagnosis.ts';

/**
 * Where a lookup gets the cause and fix of a CSS reason: from the rules in force, which queries do
 * not know themselves.
 */
export interface LookupSource {
  /**
   * The diagnosis of an event of which nothing but the reason is known.
   *
   * @param reason - reason id of the catalogue
   * @returns undefined when the id is not in the catalogue
   */
  rulesFor(reason: string): Promise<Diagnosis | undefined>;
}
