import type { PastedKind, UrlVerdict, UrlWarning } from '../state/lookup.ts';

/** The texts of the lookup in one language. Counts and times are formatted already. */
export interface LookupStrings {
  title: string;
  intro: string;
  label: string;
  run: string;
  clear: string;
  tooLong: (n: string, max: string) => string;
  loading: string;
  failed: string;
  examples: string;
  example: {
    code: string;
    text: string;
    callback: string;
    record: string;
    url: string;
    api: string;
  };
  /** What the text is. */
  kind: Record<PastedKind, string>;
  unknownHint: string;
  events: (count: number, n: string) => string;
  times: (n: string) => string;
  moreCauses: (n: string) => string;
  incomplete: string;
  notRead: string;
  line: (n: string) => string;
  moreProblems: (n: string) => string;
  why: string;
  confidence: string;
  winner: string;
  when: string;
  fallback: string;
  read: string;
  ifKnown: (facts: string) => string;
  copyLink: string;
  url: {
    verdict: Record<UrlVerdict, string>;
    noCheck: string;
    expires: string;
    expiresIn: (time: string, span: string) => string;
    expiredSince: (time: string, span: string) => string;
    noExpiry: string;
    secretMatches: Record<'yes' | 'no' | 'keyUnknown' | 'absent', string>;
    here: string;
    warnings: string;
    warning: Record<UrlWarning, string>;
  };
}
