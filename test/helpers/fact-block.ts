import type { FactBlock, FactColumn, StoredRuling } from '../../src/model/facts.ts';
import { ColumnBuilder } from '../../src/store/columns/column-builder.ts';

/** One event of a block. */
export interface BlockEvent {
  endedAt: number;
  place: number;
  facts: Readonly<Record<string, unknown>>;
  ruling: StoredRuling;
}

/** The columns of a block, built as the store builds them. */
function columnsOf(events: readonly BlockEvent[]) {
  const rulings = new ColumnBuilder(events.length);
  const facts = new Map<string, ColumnBuilder>();
  for (const [place, event] of events.entries()) {
    rulings.set(place, event.ruling);
    for (const [name, value] of Object.entries(event.facts)) {
      const column = facts.get(name) ?? new ColumnBuilder(events.length);
      facts.set(name, column);
      column.set(place, value);
    }
  }
  return {
    endedAt: Float64Array.from(events, ({ endedAt }) => endedAt),
    places: Float64Array.from(events, ({ place }) => place),
    rulings: rulings.build(events.length),
    facts: new Map([...facts].map(([name, column]) => [name, column.build(events.length)])),
  };
}

/** A block in memory. */
export function blockOf(events: readonly BlockEvent[]): FactBlock {
  const { endedAt, places, rulings, facts } = columnsOf(events);
  return {
    events: events.length,
    from: Math.min(...endedAt),
    to: Math.max(...endedAt),
    names: [...facts.keys()],
    endedAt: () => endedAt,
    places: () => places,
    rulings: () => rulings as Extract<FactColumn, { kind: 'dictionary' }>,
    fact: (name) => facts.get(name),
  };
}
