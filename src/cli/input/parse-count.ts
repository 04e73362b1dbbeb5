import { InvalidArgumentError } from 'commander';

/** Reads the value of an option that is a whole number of at least 1. @throws InvalidArgumentError */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new InvalidArgumentError('give a whole number of at least 1.');
  }
  return count;
}
