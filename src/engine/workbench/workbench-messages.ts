import type { PushKey } from '../../css/push-url/index.ts';
import type { RuleSet } from '../../diagnosis/rule.ts';
import type { PlacedBreak } from '../../model/facts.ts';
import type { Language } from '../../model/vocabulary.ts';
import type { TimeRange } from '../../store/store.ts';
import type { Transferred } from '../../threads/channel.ts';
import type { RulesChange } from '../rules/rules-change.ts';

/** What the workbench thread starts with. */
export interface WorkbenchThreadData {
  /** The rules in force. */
  rules: RuleSet;
  /** The shipped folder first, then the team's. */
  folders: readonly string[];
  /** Push auth keys, to check pasted push URLs. */
  pushKeys: readonly PushKey[];
}

/** An answer as JSON in UTF-8. */
export type JsonBytes = Transferred<Uint8Array<ArrayBuffer>>;

/** What the workbench thread offers. */
export type WorkbenchOperations = {
  /** Replaces the rules in force. */
  setRules(change: RulesChange): void;
  /** The answer of `GET /api/v1/rules`. */
  list(language: Language): Promise<JsonBytes>;
  /** The answer of `GET /api/v1/rules/coverage`. */
  coverage(): Promise<JsonBytes>;
  /** The answer of `GET /api/v1/rules/:id`. @throws `UNKNOWN_RULE` */
  show(id: string, language: Language): Promise<JsonBytes>;
  /** The answer of `POST /api/v1/explain`. */
  explain(text: string, language: Language): Promise<JsonBytes>;
  /** Checks and back-tests an edit; its lines go to the listener before it returns. */
  tryEdit(request: TryRequest): Promise<void>;
  /** Stops an edit that is being tried. */
  cancel(id: number): void;
};

/** An edit to try. */
export interface TryRequest {
  /** Names its lines, and cancels it. */
  id: number;
  /** A rule or a patch as the text of its file. */
  text: string;
  /** The range in which the breaks ended. */
  range: TimeRange;
  language: Language;
}

/** What the workbench thread asks and tells the main thread. */
export type WorkbenchListener = {
  /** One line of the answer of `POST /api/v1/rules/try`, without its line feed. */
  line(id: number, text: string): void;
  /** Numbers of the blocks of snapshots, newest first. */
  blocks(): Promise<number[]>;
  /** One block of snapshots; null when it is gone. */
  block(block: number): Promise<Uint8Array | null>;
  /** Breaks by their places in blocks. */
  breaks(places: readonly number[]): Promise<PlacedBreak[]>;
};
