import type { Command } from 'commander';
import { addMove } from './move.ts';
import { addSize } from './size.ts';

/** Adds `breakwatch database …`, the commands about the store. */
export function addDatabase(program: Command): void {
  const database = program
    .command('database')
    .description('Measure the store, or move it to PostgreSQL.');
  addMove(database);
  addSize(database);
}
