import bypassFile from '../../rules/catalogues/bypass-codes.json' with { type: 'json' };
import reasonsFile from '../../rules/catalogues/reasons.json' with { type: 'json' };
import type { ReasonCode } from '../model/break.ts';
import type { LocalizedText } from '../model/localized-text.ts';
import type { Category, Language, Outcome, Retry, Severity, Side } from '../model/vocabulary.ts';

/** One reason why a push ended, in the language-free words that rules use. */
export interface Reason {
  id: string;
  /** `css`: a reason of CSS itself; `bypass`: a cause behind error codes of bypass live. */
  kind: 'css' | 'bypass';
  category: Category;
  /** The usual outcome; `outcomeOf` looks at the code as well. */
  outcome: Outcome;
  /** True when CSS gives this reason to several different situations, so that it proves none. */
  ambiguous: boolean;
  /** Codes of CSS that mean this reason; empty for bypass causes. */
  codes: ReasonCode[];
  /** Codes of bypass live that mean this cause; empty for CSS reasons. */
  bypassCodes: number[];
  /** All texts that are known to stand for it, as documents and the API spell them. */
  texts: Record<Language, string[]>;
  title: LocalizedText;
}

/** One cause behind error codes of bypass live, as the catalogue file has it. */
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
  /** `text` is the document's own wording, which events may carry instead of the code. */
  codes: { code: number; text: string; title: LocalizedText }[];
}

/** A text that tells an errcode even where its reason has several (legacy raw `errmsg`). */
export interface PinnedText {
  text: string;
  errcode: number;
}

/** Id of what no catalogue knows; the event's own words are kept beside it. */
export const UNRECOGNIZED = 'unrecognized';

/** Causes of bypass live, in the order of the catalogue. */
export const BYPASS_CAUSES = bypassFile.causes as unknown as readonly BypassCause[];

/** Texts that pin an errcode. */
export const PINNED_TEXTS: readonly PinnedText[] = reasonsFile.pinnedTexts;

type CssReasonRow = Omit<Reason, 'kind' | 'ambiguous' | 'bypassCodes'> & { ambiguous?: boolean };

const unrecognized: Reason = {
  id: UNRECOGNIZED,
  kind: 'css',
  category: 'unknown',
  outcome: 'broken',
  ambiguous: true,
  codes: [],
  bypassCodes: [],
  texts: { en: [], zh: [], ja: [], ko: [] },
  title: {
    en: 'Reason not in the catalogue',
    zh: '未收录的断流原因',
    ja: 'カタログにない原因',
    ko: '목록에 없는 원인',
  },
};

/**
 * Every reason: the 39 of CSS (sources: the interruption tables of product 267 in four languages
 * and the callback document), `unrecognized`, and one for each cause of bypass live.
 */
export const ALL_REASONS: readonly Reason[] = [
  ...(reasonsFile.reasons as unknown as CssReasonRow[]).map(
    (row): Reason => ({
      ...row,
      kind: 'css',
      ambiguous: row.ambiguous ?? false,
      bypassCodes: [],
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
      codes: [],
      bypassCodes: cause.codes.map((row) => row.code),
      texts: { en: [], zh: [...new Set(cause.codes.map((row) => row.text))], ja: [], ko: [] },
      title: cause.title,
    }),
  ),
];

const byId = new Map(ALL_REASONS.map((reason) => [reason.id, reason]));

/** The reason with this id, or undefined. */
export function reasonById(id: string): Reason | undefined {
  return byId.get(id);
}
