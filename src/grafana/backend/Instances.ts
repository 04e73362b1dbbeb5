import { createHash } from 'node:crypto';
import type { QueryService } from '../../model/query.ts';
import type { DataSourceInstanceSettings, PluginContext } from './gen/pluginv2_pb.js';
import { log } from './log.ts';
import type { OpenService } from './open-embedded.ts';
import { readSettings, type Settings } from './read-settings.ts';
import { rememberSecret } from './redact.ts';

/** What a call works with. */
export interface Instance {
  service: QueryService;
  settings: Settings;
  /** The engine was asleep between these moments (epoch ms UTC), as nobody called; null if never. */
  slept: { from: number; to: number } | null;
}

/** What instances are made with. */
export interface InstancesOptions {
  open: (settings: Settings) => Promise<OpenService>;
  environment: NodeJS.ProcessEnv;
  /** Without a call for this long, in ms, an instance is closed. */
  idleMs: number;
  /** The clock, epoch ms UTC. */
  now?: () => number;
}

interface Entry {
  key: string;
  revision: string;
  settings: Settings;
  opened: Promise<Instance & { close(): Promise<void> }>;
  calls: number;
  lastCallAt: number;
  /** Called when the last call ends. */
  whenFree: (() => void)[];
}

/** How long an instance that is replaced may finish its calls. */
const RETIRE_MS = 5_000;

/** Settings with the same revision make the same instance. */
function revisionOf(settings: DataSourceInstanceSettings): string {
  const hash = createHash('sha256').update(settings.jsonData);
  for (const [name, value] of Object.entries(settings.decryptedSecureJsonData).sort()) {
    hash.update(`\0${name}\0${value}`);
  }
  return `${settings.lastUpdatedMS}-${hash.digest('hex')}`;
}

/**
 * One service for each data source, by organisation and uid. Grafana tells of no change and no
 * deletion: every call carries the settings, so a call with other settings replaces the service, and
 * one that nobody calls any more is closed.
 */
export class Instances {
  readonly #options: InstancesOptions;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  /** When idle engines were closed, by key. */
  readonly #asleepSince = new Map<string, number>();
  /** Closings in progress, by key: a data folder must be free before it is opened again. */
  readonly #closing = new Map<string, Promise<void>>();

  constructor(options: InstancesOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** How many are open, by mode. */
  count(mode: Settings['mode']): number {
    return [...this.#entries.values()].filter((entry) => entry.settings.mode === mode).length;
  }

  /**
   * Does one call's work with the service of its data source.
   *
   * @throws `NOT_CONFIGURED`, whatever opening the service throws, and what the work throws
   */
  async use<T>(
    context: PluginContext | undefined,
    work: (instance: Instance) => Promise<T>,
  ): Promise<T> {
    const entry = this.#entryOf(context);
    entry.calls += 1;
    try {
      return await work(await entry.opened);
    } finally {
      entry.calls -= 1;
      entry.lastCallAt = this.#now();
      if (entry.calls === 0) {
        for (const free of entry.whenFree.splice(0)) {
          free();
        }
      }
    }
  }

  /** Closes what nobody has called for long. */
  async closeIdle(): Promise<void> {
    const idle = [...this.#entries.values()].filter(
      (entry) => entry.calls === 0 && this.#now() - entry.lastCallAt >= this.#options.idleMs,
    );
    await Promise.all(
      idle.map((entry) => {
        if (entry.settings.mode === 'embedded') {
          this.#asleepSince.set(entry.key, this.#now());
          log('info', 'nobody asks, so polling ends until the next call', { key: entry.key });
        }
        return this.#retire(entry);
      }),
    );
  }

  /** Closes all. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#entries.values()].map((entry) => this.#retire(entry)));
    await Promise.all(this.#closing.values());
  }

  #entryOf(context: PluginContext | undefined): Entry {
    const given = context?.dataSourceInstanceSettings;
    const orgId = context?.orgId ?? 0n;
    const key = `${orgId}:${given?.uid ?? ''}`;
    const found = this.#entries.get(key);
    const revision = given ? revisionOf(given) : '';
    if (found?.revision === revision) {
      return found;
    }
    for (const secret of Object.values(given?.decryptedSecureJsonData ?? {})) {
      rememberSecret(secret);
    }
    if (found) {
      void this.#retire(found);
    }
    const settings = readSettings(given, orgId, this.#options.environment);
    const entry: Entry = {
      key,
      revision,
      settings,
      opened: this.#open(key, settings),
      calls: 0,
      lastCallAt: this.#now(),
      whenFree: [],
    };
    this.#entries.set(key, entry);
    entry.opened.catch(() => {
      // The next call tries again.
      if (this.#entries.get(key) === entry) {
        this.#entries.delete(key);
      }
    });
    return entry;
  }

  async #open(key: string, settings: Settings): Promise<Instance & { close(): Promise<void> }> {
    await this.#closing.get(key);
    const { service, close } = await this.#options.open(settings);
    const from = this.#asleepSince.get(key);
    this.#asleepSince.delete(key);
    return {
      service,
      settings,
      slept: from === undefined ? null : { from, to: this.#now() },
      close,
    };
  }

  #retire(entry: Entry): Promise<void> {
    if (this.#entries.get(entry.key) === entry) {
      this.#entries.delete(entry.key);
    }
    const before = this.#closing.get(entry.key);
    const closing = (async () => {
      await before;
      await this.#untilFree(entry);
      const opened = await entry.opened.catch(() => undefined);
      await opened?.close();
    })()
      .catch((error) => log('error', 'closing a data source failed', { error, key: entry.key }))
      .finally(() => {
        if (this.#closing.get(entry.key) === closing) {
          this.#closing.delete(entry.key);
        }
      });
    this.#closing.set(entry.key, closing);
    return closing;
  }

  #untilFree(entry: Entry): Promise<void> | undefined {
    if (entry.calls === 0) {
      return undefined;
    }
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RETIRE_MS);
      timer.unref();
      entry.whenFree.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
