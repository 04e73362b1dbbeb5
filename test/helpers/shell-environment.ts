import { delimiter } from 'node:path';

const FROM_NPM = /^(npm_(?!config_(registry|cache|proxy|https_proxy|noproxy|cafile))|INIT_CWD$)/i;
const FROM_TESTS = /^(NODE|VITEST|TEST$|DEV$|PROD$|SSR$|MODE$|BASE_URL$)/;
const FROM_OPERATOR = /^(BREAKWATCH|TENCENTCLOUD|SIMULATOR)_/;

/**
 * The environment of a shell that a user opens: this process's environment without what npm, Vitest and
 * Breakwatch's settings add, and a PATH on which `node` is the Node of the machine.
 *
 * @param extra - variables to add
 */
export function shellEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !FROM_NPM.test(name) && !FROM_TESTS.test(name) && !FROM_OPERATOR.test(name),
  );
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !/node_modules|node-gyp-bin/.test(folder))
    .join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path, ...extra };
}
