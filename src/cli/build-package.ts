import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { buildPage } from './server/build-page.ts';

/**
 * Builds what the npm package needs beside the sources: `lib/` with compiled JavaScript and `dist/web` with
 * the page. `npm pack` and `npm publish` run it (`prepack`). Node strips no types below node_modules, so
 * the package cannot carry TypeScript.
 *
 * `lib/` has the same depth as `src/`, so paths to package.json, rules/ and dist/web stay valid.
 *
 * @module
 */

const repository = fileURLToPath(new URL('../..', import.meta.url));
const source = join(repository, 'src');
const output = join(repository, 'lib');

/** Frontends are bundled elsewhere, and the others only run in a checkout. */
const LEFT_OUT = [
  'web/',
  'grafana/',
  'cli/build-package.ts',
  'diagnosis/rule-files/write-rule-schema.ts',
];

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

/** Threads and processes are started by the address of their file, which the compiler leaves alone. */
const FILE_ADDRESS = /(new URL\(\s*['"`][^'"`]+)\.ts(['"`],\s*import\.meta\.url\s*\))/g;

function compile(text: string, fileName: string): string {
  const { outputText } = ts.transpileModule(text, { fileName, compilerOptions: OPTIONS });
  return outputText.replace(FILE_ADDRESS, '$1.js$2');
}

/**
 * Compiles `src/` into `lib/`.
 *
 * @throws Error when a compiled file still names a `.ts` file, because that would fail at run time
 */
export function buildLibrary(): void {
  rmSync(output, { recursive: true, force: true });
  for (const file of globSync('**/*', { cwd: source, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    const name = relative(source, path).replaceAll('\\', '/');
    if (!file.isFile() || LEFT_OUT.some((left) => name.startsWith(left))) {
      continue;
    }
    const target = join(output, name);
    if (!name.endsWith('.ts')) {
      if (name.endsWith('.json')) {
        mkdirSync(dirname(target), { recursive: true });
        copyFileSync(path, target);
      }
      continue;
    }
    const compiled = compile(readFileSync(path, 'utf8'), path);
    const left = /^(?!\s*(\*|\/\/)).*['"`]\.{1,2}\/[^'"`\s]*\.ts['"`].*$/m.exec(compiled);
    if (left) {
      throw new Error(
        `src/${name} names a TypeScript file that lib/ does not have: ${left[0].trim()}`,
      );
    }
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(`${target.slice(0, -'.ts'.length)}.js`, compiled);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  buildLibrary();
  if (!process.argv.includes('--library-only')) {
    await buildPage((line) => process.stderr.write(`${line}\n`));
  }
}
