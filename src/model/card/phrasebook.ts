import type { ScopeKind, StreamState } from '../incident.ts';
import type { CardPart, PhraseId, PhraseValues, Segment } from './card.ts';

/** Phrases that read the same in every language. */
type CommonPhraseId = 'ruleText' | 'startedAt' | 'state' | 'evidence';

/** Values as the phrases of one language get them: texts are picked and names are translated. */
export type PhraseArguments<Id extends PhraseId> = {
  [Name in keyof PhraseValues[Id]]: Name extends 'text'
    ? Segment[]
    : Name extends 'category' | 'scope' | 'side' | 'confidence'
      ? string
      : PhraseValues[Id][Name];
};

/** All words of cards in one language. */
export interface Phrasebook {
  parts: Record<CardPart, string>;
  scopes: Record<ScopeKind, (value: string) => string>;
  states: Record<StreamState, string>;
  /** Separates phrases of one fact. */
  comma: string;
  phrases: {
    [Id in Exclude<PhraseId, CommonPhraseId>]: (values: PhraseArguments<Id>) => Segment[];
  };
}
