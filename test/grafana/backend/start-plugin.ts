import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { DescMessage, DescMethodUnary, DescService, MessageShape } from '@bufbuild/protobuf';
import {
  type CallOptions,
  type ClientUnaryCall,
  credentials,
  type Client as GrpcClient,
  makeGenericClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { serviceDefinition } from '../../../src/grafana/backend/service-definition.ts';
import { buildPlugin } from '../../../src/grafana/build-plugin.ts';

/** What Grafana puts into the environment of every plugin. */
export const GRAFANA_ENVIRONMENT = {
  grafana_plugin_type: 'datasource',
  PLUGIN_PROTOCOL_VERSIONS: '2',
  PLUGIN_MIN_PORT: '10000',
  PLUGIN_MAX_PORT: '25000',
  GF_VERSION: '12.3.0',
  GF_EDITION: 'Open Source',
};

/** Builds the plugin without its frontend into a folder of its own. */
export async function buildForTest(): Promise<{
  folder: string;
  executable: string;
  remove(): void;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'breakwatch-plugin-'));
  await buildPlugin({ outDir: folder, frontend: false });
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  return {
    folder,
    executable: join(folder, `gpx_breakwatch_${process.platform}_${arch}`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A plugin process as its host sees it. */
export interface Plugin {
  process: ChildProcess;
  /** The first line on standard output. */
  handshake: string;
  /** Everything on standard output. */
  stdout: string[];
  /** Lines on standard error so far. */
  stderr: string[];
  exited: Promise<Exit>;
  client(service: DescService): GrpcClient;
  /** One call that is answered by one message. */
  call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageShape<I>,
    options?: CallOptions & { onStart?: (call: ClientUnaryCall) => void },
  ): Promise<MessageShape<O>>;
  /** Ends clients and kills the process if it still runs. */
  stop(): Promise<void>;
}

/** Starts an executable with nothing but the given environment. */
export function spawnPlugin(executable: string, environment: Record<string, string>) {
  const child = spawn(executable, [], {
    env: { GF_PLUGIN_NODE_PATH: process.execPath, ...environment },
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout: string[] = [];
  const stderr: string[] = [];
  const out = createInterface({ input: child.stdout });
  out.on('line', (line) => stdout.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => stderr.push(line));
  const exited = new Promise<Exit>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  return { child, out, stdout, stderr, exited };
}

/** Starts an executable as Grafana does and waits for its handshake. */
export async function startPlugin(
  executable: string,
  environment: Record<string, string> = {},
): Promise<Plugin> {
  const { child, out, stdout, stderr, exited } = spawnPlugin(executable, {
    ...GRAFANA_ENVIRONMENT,
    ...environment,
  });
  const handshake = await Promise.race([
    new Promise<string>((resolve) => out.once('line', resolve)),
    exited.then(({ code }): never => {
      throw new Error(`ended with ${code} before its handshake: ${stderr.join('\n')}`);
    }),
  ]);
  const [, , network, address] = handshake.split('|');
  const target = network === 'unix' ? `unix:${address}` : `${address}`;
  const clients = new Map<string, GrpcClient>();
  function client(service: DescService): GrpcClient {
    const found = clients.get(service.typeName);
    if (found) {
      return found;
    }
    const Client = makeGenericClientConstructor(serviceDefinition(service), service.typeName);
    const made = new Client(target, credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
    });
    clients.set(service.typeName, made);
    return made;
  }
  return {
    process: child,
    handshake,
    stdout,
    stderr,
    exited,
    client,
    call(method, request, { onStart, ...options } = {}) {
      const definition = serviceDefinition(method.parent)[method.localName];
      return new Promise((resolve, reject) => {
        if (!definition) {
          throw new Error(`no method ${method.localName}`);
        }
        const call = client(method.parent).makeUnaryRequest(
          definition.path,
          definition.requestSerialize,
          definition.responseDeserialize,
          request,
          options,
          (error: ServiceError | null, response: unknown) =>
            error ? reject(error) : resolve(response as never),
        );
        onStart?.(call);
      });
    },
    async stop() {
      for (const one of clients.values()) {
        one.close();
      }
      child.kill('SIGKILL');
      await exited;
      // A killed process leaves its socket behind.
      if (network === 'unix' && address) {
        rmSync(address, { force: true });
      }
    },
  };
}
