import type { FlatDiagnosis, RuleTexts, Verdict } from '../model/diagnosis.ts';
import { pickText } from '../model/localized-text.ts';
import { titlesOfCauses } from '../model/titles-of-causes.ts';
import type { Language } from '../model/vocabulary.ts';
import { titleOfReason } from '../reasons/reason-catalogue.ts';

/** Facts whose value is the id of a reason. */
const NAMES_REASON: ReadonlySet<string> = new Set(['reason', 'previousReason']);

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
  const causes = titlesOfCauses(
    alternates.map(({ hash }) => (hash === undefined ? undefined : texts.get(hash)?.cause)),
    texts.get(rule.hash)?.cause,
    language === 'en' ? ['en'] : [language, 'en'],
  );
  const named = <T extends object>(item: T, title: string | undefined) =>
    title === undefined ? item : { ...item, title };
  const reasonIn = (id: string) => {
    const title = titleOfReason(id);
    return title && pickText(title, language);
  };
  return {
    evidence: evidence.map((item) =>
      named(item, NAMES_REASON.has(item.fact) ? reasonIn(String(item.value)) : undefined),
    ),
    alternates: alternates.map((other, index) => {
      const cause = causes[index];
      return named(
        other,
        other.kind === 'reason' ? reasonIn(other.id) : cause && pickText(cause, language),
      );
    }),
  };
}
