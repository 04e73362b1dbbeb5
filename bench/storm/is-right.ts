import type { Incident, Scope } from '../../src/model/incident.ts';
import type { Storm } from './make-storm.ts';

/** Whether the incidents match the causes of the storm. Incidents of single streams do not count. */
export function isStormRight(storm: Storm, incidents: readonly Incident[]): boolean {
  const wide = incidents.filter(({ scope }) => scope.kind !== 'stream');
  const expected = storm.causes.filter(({ streams }) => streams.size > 2);
  return (
    wide.length === expected.length &&
    expected.every(({ scope, streams }) =>
      wide.some(
        (incident) =>
          isSameScope(storm, incident.scope, scope) && incident.streams >= streams.size * 0.85,
      ),
    )
  );
}

/** Whether the same streams were live in two scopes. */
function isSameScope(storm: Storm, found: Scope, truth: Scope): boolean {
  const a = storm.liveIn(found);
  const b = storm.liveIn(truth);
  return a.size === b.size && [...a].every((stream) => b.has(stream));
}
