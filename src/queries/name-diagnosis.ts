import type { Alternate, FlatDiagnosis, RuleTexts, Verdict } from '../model/diagnosis.ts';
import { type LocalizedText, pickText } from '../model/localized-text.ts';
import { titlesOfCauses } from '../model/titles-of-causes.ts';
import type { Language } from '../model/vocabulary.ts';
import { titleOfReason } from '../reasons/reason-catalogue.ts';

/** Facts whose value is the id of a reason. */
const NAMES_REASON: ReadonlySet<string> = new Set(['reason', 'previousReason']);

/** The title of a reason in one language; undefined for an id that no catalogue has. */
export function nameReason(id: string, language: Language): string | undefined {
  const title = titleOfReason(id);
  return title && pickText(title, language);
}

/**
 * Names other causes in one language: reasons by their titles, rules by a sentence of their causes.
 *
 * @param own - the cause of the break itself, which the sentences need not say again
 * @param causeOf - the cause of a rule, before facts are filled in
 * @returns by index; undefined for what has no name
 */
export function nameAlternates<Named extends Pick<Alternate, 'id' | 'kind'>>(
  alternates: readonly Named[],
  own: LocalizedText | undefined,
  causeOf: (rule: Named) => LocalizedText | undefined,
  language: Language,
): (string | undefined)[] {
  const causes = titlesOfCauses(
    alternates.map((other) => (other.kind === 'rule' ? causeOf(other) : undefined)),
    own,
    language === 'en' ? ['en'] : [language, 'en'],
  );
  return alternates.map(({ id, kind }, index) => {
    const cause = causes[index];
    return kind === 'reason' ? nameReason(id, language) : cause && pickText(cause, language);
  });
}

/**
 * Adds names in one language to what a verdict says with ids: reasons in its evidence, and other causes. What has no
 * name keeps its id alone.
 *
 * @param texts - texts of rules by content hash
 */
export function nameDiagnosis(
  { evidence, alternates, rule }: Pick<Verdict, 'evidence' | 'alternates' | 'rule'>,
  texts: ReadonlyMap<string, Pick<RuleTexts, 'cause'>>,
  language: Language,
): Pick<FlatDiagnosis, 'evidence' | 'alternates'> {
  const names = nameAlternates(
    alternates,
    texts.get(rule.hash)?.cause,
    ({ hash }) => (hash === undefined ? undefined : texts.get(hash)?.cause),
    language,
  );
  const named = <T extends object>(item: T, title: string | undefined) =>
    title === undefined ? item : { ...item, title };
  return {
    evidence: evidence.map((item) =>
      named(
        item,
        NAMES_REASON.has(item.fact) ? nameReason(String(item.value), language) : undefined,
      ),
    ),
    alternates: alternates.map((other, index) => named(other, names[index])),
  };
}
