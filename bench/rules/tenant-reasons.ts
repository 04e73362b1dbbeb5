import type { RuleTestInput } from '../../src/diagnosis/rule.ts';
import { CATEGORIES, type Category, type Side } from '../../src/model/vocabulary.ts';
import { matchReason } from '../../src/reasons/match-reason.ts';
import { ALL_REASONS, type TeamReason } from '../../src/reasons/reason-catalogue.ts';

/** The side that has to act, by category. */
export const CATEGORY_SIDES: Record<Category, Side> = {
  auth: 'us',
  billing: 'account',
  network: 'network',
  client: 'broadcaster',
  platform: 'tencent',
  config: 'us',
  operator: 'us',
  unknown: 'tencent',
};

/** A reason for which rules are made. */
export interface TenantReason {
  id: string;
  category: Category;
  /** How a test names the reason. */
  given: RuleTestInput;
}

/** Reasons that a team adds to the catalogue. */
const OWN = 30;

/** An entry of the catalogue, with what CSS says. */
type CatalogueEntry = TeamReason & { texts: { en: string[]; zh: string[] } };

function ownReason(index: number): CatalogueEntry {
  const category = CATEGORIES[index % (CATEGORIES.length - 1)] as Category;
  return {
    id: `team_relay_${index}`,
    category,
    side: CATEGORY_SIDES[category],
    title: { en: `Relay ${index} cut the push`, zh: `中转 ${index} 切断推流` },
    texts: {
      en: [`relay fault ${index * 7919}: session ended`],
      zh: [`中转故障 ${index * 7919}：会话结束`],
    },
  };
}

const own = Array.from({ length: OWN }, (_none, index) => ownReason(index));

const shipped = ALL_REASONS.flatMap(({ id, category, codes }): TenantReason[] => {
  const [code] = codes;
  if (!code || category === 'unknown') {
    return [];
  }
  const { errcode, subErrcode } = code;
  const given = subErrcode === null ? { errcode } : { errcode, subErrcode };
  // Some codes stand for several reasons.
  return matchReason(given).reason === id ? [{ id, category, given }] : [];
});

const all: TenantReason[] = [
  ...shipped,
  ...own.map(({ id, category, texts }) => ({ id, category, given: { text: texts.en[0] } })),
];

/** The reasons of the rules of a team: those of CSS with a code of their own, and its own ones. */
export const tenantReasons = {
  own,
  /** The reason of a rule, by the number of the rule. */
  of: (index: number) => all[(index * 7) % all.length] as TenantReason,
};
