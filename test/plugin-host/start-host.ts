import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  buildBackend,
  executableName,
  goEnvironment,
  runGo,
  thisPlatform,
} from '../../src/grafana/build-backend.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** The host and the plugin's executable, in a folder of their own. */
export interface BuiltPlugin {
  host: string;
  executable: string;
  remove(): void;
}

/** Builds the host into a folder and returns its path. */
export function buildHost(folder: string): string {
  const host = join(folder, 'plugin-host');
  runGo(['build', '-o', host, '.'], HERE, goEnvironment(thisPlatform(), false));
  return host;
}

/**
 * Builds the host and the backend. An embedded server runs from the sources of this checkout.
 *
 * @param isEmbedded - whether the backend has the embedded mode
 */
export function buildForTest(isEmbedded: boolean): BuiltPlugin {
  const folder = mkdtempSync(join(tmpdir(), 'breakwatch-plugin-'));
  const host = buildHost(folder);
  buildBackend({ outDir: folder, platform: thisPlatform(), isEmbedded });
  symlinkSync(REPOSITORY, join(folder, 'server'));
  return {
    host,
    executable: join(folder, executableName(thisPlatform())),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Settings of a data source. */
export interface Context {
  uid?: string;
  /** When the settings were saved, epoch ms. */
  updated?: number;
  settings: object;
  secure?: Record<string, string>;
}

/** A field as Grafana's decoder reads it. */
interface ReadField {
  name: string;
  type: string;
  nullable: boolean;
  labels: Record<string, string> | null;
  config: Record<string, unknown> | null;
  values: unknown[];
}

/** A frame as Grafana's decoder reads it. */
export interface ReadFrame {
  name: string;
  refId: string;
  meta: Record<string, unknown> | null;
  kind: string;
  rows: number;
  fields: ReadField[];
}

/** The answer to one query. */
interface ReadResponse {
  status: number;
  error?: string;
  errorSource?: string;
  frames: ReadFrame[];
}

/** A plugin that runs below a host. */
export interface Host {
  /** Process of the host, and of the plugin. */
  pid: number;
  pluginPid: number;
  protocol: number;
  /** Lines of the plugin's log so far. */
  log: string[];
  query(
    context: Context,
    range: { from: number; to: number },
    models: Record<string, object>,
    headers?: Record<string, string>,
  ): Promise<{ responses: Record<string, ReadResponse>; tookMs: number }>;
  health(
    context: Context,
  ): Promise<{ status: string; message: string; details: Record<string, unknown> }>;
  resource(context: Context, path: string): Promise<{ code: number; body: string }>;
  metrics(): Promise<string>;
  /** Stops the plugin as Grafana does. */
  stop(): Promise<void>;
}

interface Line {
  pid?: number;
  protocol?: number;
  stopMs?: number;
  id?: number;
  answer?: unknown;
  error?: string;
}

/** Starts a plugin as Grafana does. */
export async function startHost(
  { host, executable }: Pick<BuiltPlugin, 'host' | 'executable'>,
  environment: Record<string, string> = {},
): Promise<Host> {
  const child = spawn(host, [executable], {
    env: { PATH: process.env.PATH, GF_PLUGIN_NODE_PATH: process.execPath, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const started = Promise.withResolvers<Line>();
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  closed.then(() => {
    const error = new Error(`the host ended\n${log.slice(-20).join('\n')}`);
    for (const one of [started, ...waiting.values()]) {
      one.reject(error);
    }
  });
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    if (line.pid !== undefined) {
      started.resolve(line);
    }
    const one = waiting.get(line.id ?? 0);
    waiting.delete(line.id ?? 0);
    if (line.error === undefined) {
      one?.resolve(line.answer);
    } else {
      one?.reject(new Error(line.error));
    }
  });
  let lastId = 0;
  function call(name: string, body: object): Promise<unknown> {
    lastId += 1;
    const one = Promise.withResolvers<unknown>();
    waiting.set(lastId, one);
    child.stdin.write(`${JSON.stringify({ id: lastId, call: name, ...body })}\n`);
    return one.promise;
  }
  const { pid: pluginPid, protocol } = await started.promise;
  const sent = ({ uid = 'bw', updated = 1, secure = {}, settings }: Context) => ({
    uid,
    updated,
    settings,
    secure,
  });
  return {
    pid: child.pid as number,
    pluginPid: pluginPid as number,
    protocol: protocol as number,
    log,
    query: (context, range, models, headers = {}) =>
      call('query', {
        context: sent(context),
        headers,
        queries: Object.entries(models).map(([refId, model]) => ({
          refId,
          ...range,
          model: { refId, ...model },
        })),
      }) as ReturnType<Host['query']>,
    health: (context) => call('health', { context: sent(context) }) as ReturnType<Host['health']>,
    resource: (context, path) =>
      call('resource', { context: sent(context), path }) as ReturnType<Host['resource']>,
    metrics: () => call('metrics', {}) as Promise<string>,
    async stop() {
      child.stdin.end();
      await closed;
    },
  };
}
