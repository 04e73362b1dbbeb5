import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PACKAGE_JSON = fileURLToPath(new URL('../../package.json', import.meta.url));
const SCRIPTS = ['breakwatch', 'start'];

/**
 * Goes back to the folder where the user typed `npm run breakwatch` or `npm start`. npm runs a script in
 * the folder of package.json, so a relative path in an argument or a default would point there. A command
 * that npm did not start as one of these scripts stays where it is.
 */
export function returnToCallerFolder(environment: NodeJS.ProcessEnv): void {
  const { INIT_CWD, npm_lifecycle_event: script, npm_package_json: file } = environment;
  const isOwnScript =
    script !== undefined &&
    SCRIPTS.includes(script) &&
    file !== undefined &&
    existsSync(file) &&
    realpathSync(file) === realpathSync(PACKAGE_JSON);
  if (isOwnScript && INIT_CWD && existsSync(INIT_CWD)) {
    process.chdir(INIT_CWD);
  }
}
