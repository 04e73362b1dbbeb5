import type { Incident, Scope } from '../../src/model/incident.ts';
import type { Storm } from './make-storm.ts';

/** Whether the incidents are exactly the storm's causes; single streams' own breaks do not count. */
export function isRight(storm: Storm, incidents: readonly Incident[]): boolean {
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

/** Two scopes are the same when the same streams were live in them. */
function isSameScope(storm: Storm, found: Scope, truth: Scope): boolean {
  const a = storm.liveIn(found);
  const b = storm.liveIn(truth);
  return a.size === b.size && [...a].every((stream) => b.has(stream));
}
