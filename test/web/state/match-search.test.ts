import { expect, it } from 'vitest';
import type { ShownIncident } from '../../../src/web/state/fetch-incidents.ts';
import { matchesSearch } from '../../../src/web/state/match-search.ts';

const incident = {
  id: 'inc-7',
  account: 'shop',
  scope: 'Domain push.example.com',
  cause: 'The bill is unpaid.',
  card: '- push.example.com/live/room-3 down for 2 min',
} as ShownIncident;

it.each([
  ['', true],
  ['PUSH.example', true],
  ['unpaid', true],
  ['room-3', true],
  ['inc-7', true],
  ['room-4', false],
])('%j: %s', (search, expected) => {
  expect(matchesSearch(incident, search)).toBe(expected);
});
