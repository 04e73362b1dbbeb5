import Type from 'typebox';
import { CARD_PARTS, type Phrase } from '../model/card/card.ts';
import { object, oneOf } from './schema.ts';

/** A sentence: its id in the phrasebook beside the values that this id needs. */
const PhraseSchema = Type.Unsafe<Phrase>({
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string' } },
});

/** A card as typed lines, without language and time zone. */
export const CardSchema = Type.Array(
  object({ part: oneOf(CARD_PARTS), facts: Type.Array(Type.Array(PhraseSchema)) }),
  { title: 'Card' },
);
