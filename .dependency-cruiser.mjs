/**
 * Walls and doors of the rooms in src. A room may import only the rooms listed for it here, and of those only
 * the files that their README names under "## Doors". Cycles are forbidden, also those that only types close.
 */
import { existsSync, readFileSync } from 'node:fs';

/** Every room, with the rooms it may import. `cli` starts everything but the frontends. */
const ROOMS = {
  model: [],
  secrets: ['model'],
  contract: ['model'],
  reasons: ['model'],
  threads: ['model', 'secrets'],
  diagnosis: ['model', 'secrets', 'reasons'],
  css: ['model', 'secrets', 'reasons'],
  incidents: ['model'],
  alerts: ['model', 'secrets'],
  store: ['model', 'secrets', 'threads'],
  queries: ['model', 'secrets', 'contract', 'store', 'reasons', 'incidents'],
  engine: [
    ...['model', 'secrets', 'contract', 'reasons', 'diagnosis', 'css', 'incidents', 'alerts'],
    ...['threads', 'store', 'queries'],
  ],
  client: ['model', 'secrets', 'contract'],
  server: ['model', 'secrets', 'contract', 'engine', 'queries'],
  web: ['model', 'contract'],
  'grafana/frontend': ['model', 'contract'],
  simulator: ['model'],
  cli: [
    ...['model', 'secrets', 'contract', 'reasons', 'diagnosis', 'css', 'incidents', 'alerts'],
    ...['threads', 'store', 'queries', 'engine', 'client', 'server', 'simulator'],
  ],
};

/** The files that a room's README lists under "## Doors". */
function doorsOf(room) {
  const readme = new URL(`src/${room}/README.md`, import.meta.url);
  if (!existsSync(readme)) {
    throw new Error(`src/${room}/README.md is missing: it has to name the doors of the room.`);
  }
  const [, section = ''] = readFileSync(readme, 'utf8').split(/^## Doors$/m);
  const items = section.split(/^## /m)[0].match(/^- .*$/gm) ?? [];
  return items.flatMap((item) =>
    [...item.split(':')[0].matchAll(/`([^`]+)`/g)].map(([, file]) => file),
  );
}

function missingDoors(room, doors) {
  const missing = doors.filter(
    (file) => !existsSync(new URL(`src/${room}/${file}`, import.meta.url)),
  );
  if (missing.length > 0) {
    throw new Error(`src/${room}/README.md names doors that do not exist: ${missing.join(', ')}.`);
  }
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const walls = Object.entries(ROOMS).map(([room, mayImport]) => ({
  name: `walls-of-${room.replace('/', '-')}`,
  comment: `src/${room} may import ${mayImport.join(', ') || 'no other room'}.`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(${[...mayImport, room].join('|')})/` },
}));

const doors = Object.keys(ROOMS).flatMap((room) => {
  const files = doorsOf(room);
  missingDoors(room, files);
  return [
    {
      name: `doors-of-${room.replace('/', '-')}`,
      comment: `Import src/${room} through the doors that src/${room}/README.md lists.`,
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/${room}/` },
      to: {
        path: `^src/${room}/`,
        pathNot: files.length > 0 ? `^src/${room}/(${files.map(escaped).join('|')})$` : '^$',
      },
    },
  ];
});

export default {
  forbidden: [
    ...walls,
    ...doors,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'browser-safe',
      comment: 'These rooms run in the browser too, so they import nothing of Node.',
      severity: 'error',
      from: { path: '^src/(model|reasons|contract)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'grafana-ui-in-frontends-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(web|grafana/frontend)/' },
      to: { path: 'node_modules/(@grafana|react)' },
    },
    {
      name: 'package-needs-no-dev-dependency',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '^src/(web|grafana)/|^src/cli/(build-package|server/build-page)\\.ts$',
      },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'no-unlisted',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)gen/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
