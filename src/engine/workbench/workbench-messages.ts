import type { RuleSet } from '../../diagnosis/rule.ts';
import type { Language } from '../../model/vocabulary.ts';
import type { Transferred } from '../../threads/channel.ts';

/** What the workbench thread starts with. */
export interface WorkbenchThreadData {
  /** The rules in force. */
  rules: RuleSet;
  /** The shipped folder first, then the team's. */
  folders: readonly string[];
}

/** An answer as JSON in UTF-8. */
export type JsonBytes = Transferred<Uint8Array<ArrayBuffer>>;

/** What the workbench thread offers. */
export type WorkbenchOperations = {
  /** Replaces the rules in force. */
  setRules(rules: RuleSet): void;
  /** The answer of `GET /api/v1/rules`. */
  list(language: Language): Promise<JsonBytes>;
  /** The answer of `GET /api/v1/rules/coverage`. */
  coverage(): Promise<JsonBytes>;
  /** The answer of `GET /api/v1/rules/:id`. @throws `UNKNOWN_RULE` */
  show(id: string, language: Language): Promise<JsonBytes>;
};
