import type { Connection } from './connection.ts';

/** What the breaks of a cell have in common. */
export interface Cell {
  account: string;
  domain: string;
  app: string;
  reason: string;
  outcome: string;
}

type CellRow = [account: string, domain: string, app: string, reason: string, outcome: string];

/** Returns a function that reads each cell once, because many breaks have the same one. */
export function createCellReader(connection: Connection): (cell: number) => Cell {
  const cells = new Map<number, Cell>();
  return (cell) => {
    let known = cells.get(cell);
    if (known === undefined) {
      const [account, domain, app, reason, outcome] = connection.row<CellRow>(
        'SELECT account, domain, app, reason, outcome FROM cells WHERE cell = ?',
        cell,
      ) as CellRow;
      known = { account, domain, app, reason, outcome };
      cells.set(cell, known);
    }
    return known;
  };
}
