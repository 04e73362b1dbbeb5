import { expect, it } from 'vitest';
import { StoredAlerts } from '../../../src/engine/incidents/stored-alerts.ts';
import { makeAlert } from '../../alerts/make-notice.ts';

const alert = (id: string, state: 'firing' | 'resolved' = 'firing') => ({
  ...makeAlert(),
  id,
  state,
});

it('stores alerts that are new or have changed, once, and forgets those that are no longer kept', () => {
  const stored = new StoredAlerts();
  stored.load([alert('a'), alert('b'), alert('c')]);
  const changes = stored.change([alert('a'), alert('b', 'resolved'), alert('d')]);
  expect(changes.changed.map(({ id }) => id)).toEqual(['b', 'd']);
  expect(changes.forgotten).toEqual(['c']);
  expect(changes.documents).toMatchObject([
    { kind: 'alert', id: 'b', open: false },
    { kind: 'alert', id: 'd', open: true },
  ]);
  expect(JSON.parse(changes.documents[1]?.json ?? '')).toEqual(
    JSON.parse(JSON.stringify(alert('d'))),
  );
  const again = stored.change([alert('a'), alert('b', 'resolved'), alert('d')]);
  expect(again).toEqual({ changed: [], documents: [], forgotten: [] });
});
