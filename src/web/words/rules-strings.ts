import type { TrialStrings } from './trial-strings.ts';

/** The texts of the rules in one language. Counts and times are formatted already. */
export interface RulesStrings {
  rules: string;
  intro: string;
  searchRules: string;
  allCategories: string;
  allSeverities: string;
  origins: string;
  allOrigins: string;
  origin: {
    shipped: string;
    patched: string;
    own: string;
    replaced: string;
  };
  sort: string;
  sortBy: {
    hits: string;
    severity: string;
    name: string;
  };
  onlyUnused: string;
  shown: (n: string, of: string) => string;
  hits: (count: number, n: string) => string;
  lastHit: (time: string) => string;
  hitsUnknown: string;
  noRules: string;
  noRuleMatches: string;
  clear: string;
  loading: string;
  failed: string;
  coverage: string;
  covered: {
    reasons: (have: string, total: string) => string;
    codes: (have: string, total: string) => string;
    texts: (have: string, total: string) => string;
  };
  testsHold: (passed: string, total: string) => string;
  unusedCount: (n: string) => string;
  without: string;
  neverWon: string;
  allRules: string;
  unknownRule: string;
  when: string;
  join: {
    all: string;
    any: string;
    not: string;
  };
  conclusion: string;
  fixSteps: string;
  side: string;
  priority: string;
  shows: string;
  upTo: string;
  retry: string;
  alertWhen: string;
  noAlert: string;
  file: string;
  tests: string;
  noTests: string;
  holds: string;
  fails: (winner: string) => string;
  expects: {
    match: string;
    'no-match': string;
  };
  latest: string;
  noLatest: string;
  competes: string;
  competesHint: string;
  before: string;
  after: string;
  andMore: (n: string) => string;
  alone: string;
  noRunbook: (name: string) => string;
  openRunbook: string;
  trial: TrialStrings;
}
