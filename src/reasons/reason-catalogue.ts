import bypassFile from '../../rules/catalogues/bypass-codes.json' with { type: 'json' };
import textsFile from '../../rules/catalogues/reason-texts.json' with { type: 'json' };
import reasonsFile from '../../rules/catalogues/reasons.json' with { type: 'json' };
import type { ReasonCode } from '../model/break.ts';
import type { LocalizedText } from '../model/localized-text.ts';
import type { Category, Language, Outcome, Retry, Severity, Side } from '../model/vocabulary.ts';

/** Languages of CSS's documents: those of Breakwatch, and Indonesian, which only reason texts have. */
type TextLanguage = Language | 'id';

/** One wording of a reason. */
export interface ReasonText {
  reason: string;
  language: TextLanguage;
  text: string;
  /** Ids of the editions of CSS's documents that have this wording. */
  editions: string[];
}

/** One reason why a push ended, with the language-free id that rules use. */
export interface Reason {
  id: string;
  /** `css`: a reason of CSS; `bypass`: a cause of error codes of bypass live. */
  kind: 'css' | 'bypass';
  category: Category;
  /** The usual outcome. `outcomeOf` also considers the code. */
  outcome: Outcome;
  /** True when CSS gives this reason in several different situations. */
  ambiguous: boolean;
  /**
   * True when its code has sub codes that other reasons have: the source reports the code, and a text that
   * says no more.
   */
  coversSubCodes: boolean;
  /** Ids of other reasons that the same words could mean. */
  alternates: string[];
  /** Codes of CSS with this reason; empty for bypass causes. */
  codes: ReasonCode[];
  /** Codes of bypass live with this cause; empty for CSS reasons. */
  bypassCodes: number[];
  /** All known texts of this reason, as in the documents and the API. */
  texts: Record<TextLanguage, string[]>;
  title: LocalizedText;
}

/** One cause of error codes of bypass live, as in the catalogue file. */
export interface BypassCause {
  id: string;
  category: Category;
  severity: Severity;
  side: Side;
  retry: Retry;
  outcome: Outcome;
  title: LocalizedText;
  cause: LocalizedText;
  fix: LocalizedText[];
  /** `text` is the text of the document. Events may contain it instead of the code. */
  codes: { code: number; text: string; title: LocalizedText }[];
}

/** A text with one errcode, although its reason has several (from an older `errmsg`). */
export interface PinnedText {
  text: string;
  errcode: number;
}

/** Id of a reason that is in no catalogue. The event keeps the original text. */
export const UNRECOGNIZED = 'unrecognized';

/** Causes of bypass live, in the order of the catalogue. */
export const BYPASS_CAUSES = bypassFile.causes as unknown as readonly BypassCause[];

/** Texts with one errcode of their reason. */
export const PINNED_TEXTS: readonly PinnedText[] = reasonsFile.pinnedTexts;

/** Every wording that an edition of CSS's documents has for a reason. */
export const REASON_TEXTS = textsFile.texts as unknown as readonly ReasonText[];

type CssReasonRow = Omit<
  Reason,
  'kind' | 'ambiguous' | 'coversSubCodes' | 'alternates' | 'bypassCodes' | 'texts'
> &
  Partial<Pick<Reason, 'ambiguous' | 'coversSubCodes' | 'alternates'>>;

const LANGUAGES_OF_TEXTS: readonly TextLanguage[] = ['en', 'zh', 'ja', 'ko', 'id'];

function textsOf(reason: string): Record<TextLanguage, string[]> {
  const rows = REASON_TEXTS.filter((row) => row.reason === reason);
  return Object.fromEntries(
    LANGUAGES_OF_TEXTS.map((language) => [
      language,
      rows.filter((row) => row.language === language).map(({ text }) => text),
    ]),
  ) as Record<TextLanguage, string[]>;
}

const unrecognized: Reason = {
  id: UNRECOGNIZED,
  kind: 'css',
  category: 'unknown',
  outcome: 'broken',
  ambiguous: true,
  coversSubCodes: false,
  alternates: [],
  codes: [],
  bypassCodes: [],
  texts: textsOf(UNRECOGNIZED),
  title: {
    en: 'Reason not in the catalogue',
    zh: '未收录的断流原因',
    ja: 'カタログにない原因',
    ko: '목록에 없는 원인',
  },
};

/**
 * Every reason: the 40 reasons of CSS (from the interruption tables of product 267 in four languages and the
 * callback document), `unrecognized`, and one for each cause of bypass live.
 */
export const ALL_REASONS: readonly Reason[] = [
  ...(reasonsFile.reasons as unknown as CssReasonRow[]).map(
    (row): Reason => ({
      ...row,
      kind: 'css',
      ambiguous: row.ambiguous ?? false,
      coversSubCodes: row.coversSubCodes ?? false,
      alternates: row.alternates ?? [],
      bypassCodes: [],
      texts: textsOf(row.id),
    }),
  ),
  unrecognized,
  ...BYPASS_CAUSES.map(
    (cause): Reason => ({
      id: cause.id,
      kind: 'bypass',
      category: cause.category,
      outcome: cause.outcome,
      ambiguous: false,
      coversSubCodes: false,
      alternates: [],
      codes: [],
      bypassCodes: cause.codes.map((row) => row.code),
      texts: { ...textsOf(cause.id), zh: [...new Set(cause.codes.map((row) => row.text))] },
      title: cause.title,
    }),
  ),
];

/** A reason of a team's own catalogue, and what to conclude when no rule of the team says more. */
export interface TeamReason {
  /** Begins with {@link TEAM_PREFIX}, so that it never meets the id of a shipped reason. */
  id: string;
  category: Category;
  side: Side;
  title: LocalizedText;
  /** `broken` when absent. */
  outcome?: Outcome;
  /** `warning` when absent. */
  severity?: Severity;
  /** `none` when absent. */
  retry?: Retry;
  /** The title when absent. */
  cause?: LocalizedText;
  /** To write a rule when absent. */
  fix?: LocalizedText[];
  /** Codes of CSS that the shipped catalogue does not have. */
  codes?: ReasonCode[];
}

/** Every id of a team's reason begins with it. */
export const TEAM_PREFIX = 'team_';

const byId = new Map(ALL_REASONS.map((reason) => [reason.id, reason]));
const teamById = new Map<string, Reason>();

/** Sets the reasons of the team's catalogue in this thread, instead of those that were set before. */
export function setTeamReasons(reasons: readonly TeamReason[]): void {
  teamById.clear();
  for (const { id, category, outcome = 'broken', title, codes = [] } of reasons) {
    teamById.set(id, {
      id,
      kind: 'css',
      category,
      outcome,
      ambiguous: false,
      coversSubCodes: false,
      alternates: [],
      codes,
      bypassCodes: [],
      texts: textsOf(id),
      title,
    });
  }
}

/** The reasons of the team's catalogue in this thread. */
export function teamReasons(): Iterable<Reason> {
  return teamById.values();
}

/** Finds a reason by its id, also one of the team's catalogue. */
export function reasonById(id: string): Reason | undefined {
  return byId.get(id) ?? teamById.get(id);
}

/** Returns the name of a reason in all languages; undefined for an unknown id. */
export function titleOfReason(id: string): LocalizedText | undefined {
  return reasonById(id)?.title;
}
