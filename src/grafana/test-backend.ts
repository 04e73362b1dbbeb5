import { goEnvironment, runGo, SOURCES, thisPlatform } from './build-backend.ts';

/** Checks and tests the plugin's backend: `npm run test:go`. The tests of both builds are the same. */
const environment = goEnvironment(thisPlatform(), true);
for (const command of ['vet', 'test']) {
  runGo([command, './...'], SOURCES, environment);
}
