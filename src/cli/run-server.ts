import { fileURLToPath } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };
import { loadRules } from '../diagnosis/load-rules.ts';
import type { RuleProblem } from '../diagnosis/rule.ts';
import { shippedRulesFolder } from '../diagnosis/shipped-rules-folder.ts';
import { createEngine, type StartableEngine } from '../engine/create-engine.ts';
import { watchRules } from '../engine/watch-rules.ts';
import { BreakwatchError } from '../model/errors.ts';
import { createMetrics } from '../server/create-metrics.ts';
import { createServer, type RunningServer } from '../server/create-server.ts';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import { log } from './log.ts';
import type { Config } from './read-config.ts';

/** The page as `npm start` builds it. */
export const WEB_ROOT = fileURLToPath(new URL('../../dist/web', import.meta.url));

/** A server with its engine. */
export interface RunningBreakwatch {
  server: RunningServer;
  engine: StartableEngine;
  close(): Promise<void>;
}

/** The first problem stands for all in health; the log names every one. */
function rulesError(problems: readonly RuleProblem[]): BreakwatchError | null {
  const [first] = problems;
  return first
    ? new BreakwatchError('RULE_FILE_INVALID', { ...first, problem: first.message })
    : null;
}

/**
 * Opens the store, loads the rules and listens. Polling begins with `engine.startPolling()`.
 *
 * @throws `DATA_FOLDER_*`, `RULES_FOLDER_MISSING`, `PORT_IN_USE`, `TOKEN_NEEDED_FOR_HOST`
 */
export async function runServer(config: Config): Promise<RunningBreakwatch> {
  const folders = [shippedRulesFolder()];
  if (config.rulesFolder) {
    folders.push(config.rulesFolder);
  }
  const { ruleSet, problems } = await loadRules(folders);
  for (const { file, line, column, message } of problems) {
    log('error', `rule left out: ${file}:${line}:${column}: ${message}`);
  }
  const store = await openSqliteStore({ folder: config.dataFolder });
  const metrics = createMetrics(packageJson.version);
  const engine = await createEngine({
    store,
    rules: ruleSet,
    rulesError: rulesError(problems)?.toAnswer() ?? null,
    accounts: config.accounts,
    version: packageJson.version,
    hooks: metrics.hooks,
    onError: (error, where) => log('error', `${where}: ${error.code}: ${error.message}`),
  });
  const endWatch = watchRules({
    folders,
    hash: ruleSet.hash,
    onSet: async (rules) => {
      await engine.replaceRules(rules);
      log('info', `rules in force: ${rules.hash} (${rules.rules.length} rules)`);
    },
    onProblem: (error) => {
      engine.rulesFailed(error?.toAnswer() ?? null);
      if (error) {
        log('error', `rules not taken: ${error.code}: ${error.message} ${error.remedy}`);
      }
    },
  });
  try {
    const server = await createServer({
      engine,
      metrics,
      host: config.host,
      port: config.port,
      token: config.token,
      webRoot: WEB_ROOT,
      log,
    });
    return {
      server,
      engine,
      async close() {
        endWatch();
        await server.close();
        await engine.close();
      },
    };
  } catch (thrown) {
    endWatch();
    await engine.close();
    throw thrown;
  }
}
