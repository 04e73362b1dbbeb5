/**
 * Puts faults into the pure rooms, one at a time, and counts those that the room's own tests notice. Run:
 * `npm run test:mutation -- ROOM [FILE…]`, for example `npm run test:mutation -- alerts/judge` or
 * `npm run test:mutation -- diagnosis/compile fold-test.ts`. A room of 2,000 lines takes about an hour on 2 cores.
 * `TESTS` names test files to run instead of the room's, with a space between them, which is much faster for one file.
 * With `ALL_TESTS=1` the slow tests run too; without it a fault that only they would notice counts as not noticed.
 * The tester is installed at the first run, apart from the packages of the project.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { summarizeRun } from './summarize-run.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** At least this part of a room's faults must be noticed, %. */
const GOAL = 85;

/** Rooms whose functions are pure. Their tests are in the folder of the same name. */
const ROOMS = [
  'alerts/judge',
  'css/callbacks',
  'css/push-url',
  'diagnosis/compile',
  'diagnosis/run',
  'engine/derive/matching',
  'incidents',
  'model/card',
  'queries',
  'reasons',
];
/** Part of their properties' runs that must do in rooms where one run takes long. */
const PART_OF_RUNS: Readonly<Record<string, number>> = {
  'alerts/judge': 0.02,
  'diagnosis/compile': 0.05,
  'diagnosis/run': 0.05,
  incidents: 0.02,
};
/** Tests elsewhere that are about a room, too. */
const MORE_TESTS: Readonly<Record<string, string>> = { 'diagnosis/compile': 'test/diagnosis/run' };

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

function run(command: string, args: readonly string[], cwd: string): number {
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  return error ? fail(`${command}: ${error.message}`) : (status ?? 1);
}

const [room, ...files] = process.argv.slice(2);
if (room === undefined || !ROOMS.includes(room)) {
  fail(`Name a room: ${ROOMS.join(', ')}.`);
}
const folders = [`test/${room}`, MORE_TESTS[room] ?? []].flat();
const tests = process.env.TESTS?.split(' ') ?? folders.map((folder) => `${folder}/**/*.test.ts`);
const mutate =
  files.length > 0 ? files.map((file) => `src/${room}/${file}`) : [`src/${room}/**/*.ts`];
for (const file of files) {
  if (!existsSync(join(PROJECT, 'src', room, file))) {
    fail(`src/${room}/${file} does not exist.`);
  }
}
if (!existsSync(join(HERE, 'node_modules/@stryker-mutator/core'))) {
  const status = run('npm', ['ci', '--no-audit', '--no-fund', '--legacy-peer-deps'], HERE);
  if (status !== 0) {
    process.exit(status);
  }
}

const folder = await mkdtemp(join(tmpdir(), 'breakwatch-mutation-'));
try {
  const report = join(folder, 'report.json');
  const vitestConfig = join(PROJECT, 'test/mutation/vitest.config.ts');
  const config = join(folder, 'stryker.config.json');
  process.env.BREAKWATCH_MUTATION_TESTS = tests.join(' ');
  process.env.PART_OF_RUNS = String(PART_OF_RUNS[room] ?? 1);
  await writeFile(
    config,
    JSON.stringify({
      mutate,
      testRunner: 'vitest',
      plugins: [
        pathToFileURL(join(HERE, 'node_modules/@stryker-mutator/vitest-runner/dist/src/index.js'))
          .href,
      ],
      vitest: { configFile: vitestConfig, related: false },
      testRunnerNodeArgs: ['--no-memory-protection-keys'],
      coverageAnalysis: 'perTest',
      concurrency: 2,
      // A mutant may loop for ever; on a busy machine, slow is not the same.
      timeoutMS: 30_000,
      timeoutFactor: 4,
      reporters: ['progress', 'json'],
      jsonReporter: { fileName: report },
      tempDirName: join(folder, 'sandbox'),
      disableTypeChecks: false,
      ignorePatterns: ['dist', 'lib', 'data', 'test/mutation/node_modules', 'docs', '*.tgz'],
      // A text is changed to another one: hardly ever a fault that could happen.
      mutator: { excludedMutations: ['StringLiteral'] },
    }),
  );
  const status = run(join(HERE, 'node_modules/.bin/stryker'), ['run', config], PROJECT);
  process.exitCode = status;
  if (status === 0) {
    const { text, score } = summarizeRun(JSON.parse(await readFile(report, 'utf8')));
    console.log(text);
    process.exitCode = score >= GOAL ? 0 : 1;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
