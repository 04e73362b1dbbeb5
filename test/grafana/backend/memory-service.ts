import { create } from '@bufbuild/protobuf';
import {
  type PluginContext,
  PluginContextSchema,
} from '../../../src/grafana/backend/gen/pluginv2_pb.js';
import { Instances } from '../../../src/grafana/backend/Instances.ts';
import type { EngineHealth } from '../../../src/model/health.ts';
import type { QueryAnswer, QueryRequest, QueryService } from '../../../src/model/query.ts';

/** Health of a service with nothing wrong. */
export const WELL: EngineHealth = {
  ok: true,
  version: '1.2.3',
  accounts: [{ account: 'default', state: 'ok', lastPollAt: 1, lastCallbackAt: null, error: null }],
  rules: { set: 'abc', count: 90, loadedAt: 0, error: null },
  store: { kind: 'memory', breaks: 1_234, journal: 2_000 },
};

/** A service that lives in memory and answers as it is told. */
export class MemoryService implements QueryService {
  readonly requests: QueryRequest[] = [];
  /** The answer to each refId. */
  answers: Record<string, QueryAnswer> = {};
  wellness: EngineHealth = WELL;
  /** Thrown instead of any answer. */
  failure: Error | undefined;
  /** Awaited before any answer. */
  wait: Promise<void> | undefined;

  async query(request: QueryRequest) {
    this.requests.push(request);
    await this.wait;
    this.#fail();
    return { results: this.answers };
  }

  async values(name: string, range: { from: number; to: number }) {
    this.#fail();
    return [name, String(range.from), String(range.to)];
  }

  async health() {
    this.#fail();
    return this.wellness;
  }

  #fail(): void {
    if (this.failure) {
      throw this.failure;
    }
  }
}

/** What Grafana sends along with each call. */
export function contextOf(
  jsonData: object = { url: 'http://127.0.0.1:7070' },
  {
    uid = 'bw',
    orgId = 1n,
    updated = 1n,
    secure = {},
  }: { uid?: string; orgId?: bigint; updated?: bigint; secure?: Record<string, string> } = {},
): PluginContext {
  return create(PluginContextSchema, {
    orgId,
    pluginId: 'breakwatch-css-datasource',
    dataSourceInstanceSettings: {
      id: 1n,
      uid,
      name: 'Breakwatch',
      jsonData: new TextEncoder().encode(JSON.stringify(jsonData)),
      decryptedSecureJsonData: secure,
      lastUpdatedMS: updated,
    },
  });
}

/** Instances that all use one service. */
export function instancesOf(service: QueryService): Instances {
  return new Instances({
    environment: { GF_PLUGIN_DATA_PATH: '/data' },
    idleMs: 60_000,
    open: async () => ({ service, close: async () => undefined }),
  });
}
