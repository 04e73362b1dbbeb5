/**
 * Runs one benchmark: `npm run -s bench -- NAME [--json] [options]`. Each benchmark is a script in this
 * folder. It gets all arguments after its name.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -'.ts'.length));
const [name, ...words] = process.argv.slice(2);

if (name && names.includes(name)) {
  const script = join(folder, `${name}.ts`);
  const { status } = spawnSync(process.execPath, [script, ...words], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else {
  console.error(`Usage: npm run -s bench -- NAME [--json], NAME one of: ${names.join(', ')}`);
  process.exitCode = 2;
}
