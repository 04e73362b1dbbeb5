import type { Command } from 'commander';
import { addMove } from './move.ts';

/** Adds `breakwatch database …`, the commands about the store. */
export function addDatabase(program: Command): void {
  const database = program.command('database').description('Move the store to PostgreSQL.');
  addMove(database);
}
