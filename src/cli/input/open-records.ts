import { existsSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import { createServerClient } from '../../client/create-server-client.ts';
import type { ImportAnswer, ShownBreak } from '../../contract/breaks.ts';
import { shippedRulesFolder } from '../../diagnosis/rule-files/shipped-rules-folder.ts';
import type {
  Account,
  ExportRequest,
  ImportedBatch,
  ImportOptions,
  RulesApplied,
} from '../../engine/engine.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { KEEP_DAYS } from '../../engine/retention.ts';
import { watchDirectory } from '../../engine/watch-directory.ts';
import type { BreakPosition } from '../../model/break.ts';
import { BreakwatchError } from '../../model/errors.ts';
import type { BreakEvidence } from '../../model/push.ts';
import type { Filters } from '../../model/query.ts';
import type { Language } from '../../model/vocabulary.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { showBreak } from '../../server/show-break.ts';
import { schemaOf } from '../../store/postgres/connection-settings.ts';
import type { TimeRange } from '../../store/store.ts';
import type { Config } from '../config/read-config.ts';
import { log } from '../output/log.ts';
import { isOwned, openStore } from '../server/open-store.ts';
import { serverUrl } from './open-server.ts';

/** The breaks to read. */
interface BreaksWanted {
  range: TimeRange;
  filters: Filters;
  language: Language;
}

/** Access to the stored breaks, in the data folder or through a server. */
export interface Records {
  /** The data folder or the address of the server, for messages. */
  where: string;
  /** Batches of an import in progress: 1 where the next one could overtake, as order gives breaks their ids. */
  importsAtOnce: 1 | 2;
  /**
   * Imports a batch of at most a few hundred records; see `Engine.importRecords`.
   *
   * @throws `UNKNOWN_ACCOUNT`, `BAD_QUERY`, `STORE_FAILED`, `SERVER_*`
   */
  importRecords(
    account: string | null,
    records: readonly unknown[],
    options?: ImportOptions,
  ): Promise<ImportedBatch>;
  /** Writes the lines of an export, some at a time. @throws `STORE_FAILED`, `SERVER_*` */
  exportLines(request: ExportRequest): AsyncGenerator<string | Uint8Array, void>;
  /** Reads breaks, newest first, a page at a time. @throws `STORE_FAILED`, `SERVER_*` */
  breaks(wanted: BreaksWanted): AsyncGenerator<ShownBreak[], void>;
  /**
   * Diagnoses breaks of a range again with the current rules, newest first. Yields after each batch.
   *
   * @throws `STORE_FAILED`, `SERVER_*`
   */
  applyRules(range: TimeRange): AsyncGenerator<Omit<RulesApplied, 'next'>, void>;
  /** Gets the evidence of a break from CSS. @throws `UNKNOWN_BREAK`, `EVIDENCE_LIMIT`, `SERVER_*` */
  evidence(breakId: string, language: Language): Promise<BreakEvidence>;
  close(): Promise<void>;
}

/** Maximum number of breaks that are diagnosed again in one batch. */
const BATCH = 1_000;

/** Maximum number of breaks in one page. */
const PAGE = 1_000;

/**
 * Opens the data folder. If a running server owns it, uses that server instead, so that a command works
 * with and without one. An empty folder also means the configured server, which may be a demo with its own
 * folder. Only an import creates a folder.
 *
 * @param url - always use this server
 * @param begin - create the folder if it does not exist
 * @throws `DATA_FOLDER_*`, `SERVER_*`, `RULES_FOLDER_MISSING`
 */
export async function openRecords(
  config: Config,
  url?: string,
  { begin = false } = {},
): Promise<Records> {
  if (url !== undefined) {
    return remoteRecords(url, config.token);
  }
  if (!begin && !config.database && !existsSync(join(config.dataFolder, 'journal.db'))) {
    const folder = config.dataFolder;
    const empty = { folder, url: serverUrl(config) };
    return reachableRecords(config, maskedError('DATA_FOLDER_EMPTY', empty));
  }
  try {
    return await localRecords(config);
  } catch (thrown) {
    if (!(thrown instanceof BreakwatchError) || !isOwned(thrown.code)) {
      throw thrown;
    }
    // If no server answers there, report the owner of the folder.
    return reachableRecords(config, thrown);
  }
}

/** Uses the configured server. @throws `otherwise` when no server answers */
async function reachableRecords(config: Config, otherwise: BreakwatchError): Promise<Records> {
  const records = remoteRecords(serverUrl(config), config.token);
  await ping(records).catch((refused: unknown) => {
    const unreachable = refused instanceof BreakwatchError && refused.code === 'SERVER_UNREACHABLE';
    throw unreachable ? otherwise : refused;
  });
  return records;
}

async function ping(records: Records): Promise<void> {
  const now = Date.now();
  await records.breaks({ range: { from: now - 1, to: now }, filters: {}, language: 'en' }).next();
}

/** The account for imports without any configuration. */
const UNCONFIGURED_ACCOUNT: Account = {
  name: 'default',
  site: 'cn',
  callbackKeys: [],
  pushKeys: [],
  backfillMs: 0,
  pollSeconds: 10,
};

/**
 * A command receives no callbacks, so its run must not count as collection coverage. With an API key only
 * a poll counts, and this engine never polls.
 */
function withoutCoverage(account: Account): Account {
  return { ...account, credentials: account.credentials ?? { secretId: '', secretKey: '' } };
}

/** Names the store for people. The URL of a database may contain a password. */
function whereOf({ database, dataFolder }: Config): string {
  return database ? `the schema ${schemaOf(database)} of the database` : dataFolder;
}

async function localRecords(config: Config): Promise<Records> {
  const directory = config.directoryFile
    ? await watchDirectory(config.directoryFile, (level, message) => {
        if (level === 'error') {
          log(level, message);
        }
      })
    : undefined;
  const engine = await openEngine({
    openStore: () => openStore(config),
    rulesFolders: [shippedRulesFolder(), ...(config.rulesFolder ? [config.rulesFolder] : [])],
    usesPublished: config.database !== undefined,
    accounts: (config.accounts.length > 0 ? config.accounts : [UNCONFIGURED_ACCOUNT]).map(
      withoutCoverage,
    ),
    ...(directory ? { directory } : {}),
    version: packageJson.version,
    keepDays: config.keepDays ?? KEEP_DAYS,
    exportFolder: config.exportFolder,
    log,
  }).catch((thrown: unknown) => {
    directory?.close();
    throw thrown;
  });
  return {
    where: whereOf(config),
    importsAtOnce: 2,
    importRecords: (account, records, options) => engine.importRecords(account, records, options),
    async *exportLines(request) {
      await engine.idle();
      yield* engine.exportLines(request);
    },
    async *breaks({ range, filters, language }) {
      await engine.idle();
      let after: { endedAt: number; id: string } | undefined;
      for (;;) {
        const page = await engine.breaks({ range, filters, limit: PAGE, ...(after && { after }) });
        const last = page.records.at(-1)?.event;
        if (!last) {
          return;
        }
        yield page.records.map((record) => showBreak(record, page.texts, language));
        after = { endedAt: last.endedAt, id: last.id };
      }
    },
    async *applyRules(range) {
      await engine.idle();
      for (let after: BreakPosition | null | undefined; after !== null; ) {
        const batch = await engine.applyRules({ range, limit: BATCH, ...(after && { after }) });
        yield batch;
        after = batch.next;
      }
    },
    async evidence(breakId, language) {
      await engine.idle();
      return engine.evidence(breakId, language);
    },
    async close() {
      directory?.close();
      await engine.close();
    },
  };
}

function remoteRecords(url: string, token: string | undefined): Records {
  const server = createServerClient({ url, ...(token ? { token } : {}) });
  return {
    where: server.url,
    importsAtOnce: 1,
    async importRecords(account, records, { notify = false } = {}) {
      const search = new URLSearchParams({
        ...(account === null ? {} : { account }),
        notify: String(notify),
      });
      const answer = await server.ask(`api/v1/import?${search}`, checkImport, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: records.map((record) => `${JSON.stringify(record)}\n`).join(''),
      });
      return {
        accepted: answer.accepted,
        duplicates: answer.duplicates,
        restored: answer.restored,
        rejected: answer.errors.map(({ line, error }) => ({ index: line - 1, error })),
      };
    },
    async *exportLines({ range, filters }) {
      const search = new URLSearchParams(
        range ? { from: String(range.from), to: String(range.to) } : {},
      );
      for (const [name, values] of Object.entries(filters)) {
        for (const value of values) {
          search.append(name, value);
        }
      }
      yield* server.pieces(`api/v1/export?${search}`);
    },
    async *breaks({ range, filters, language }) {
      const search = new URLSearchParams({
        from: String(range.from),
        to: String(range.to),
        lang: language,
        limit: String(PAGE),
      });
      for (const [name, values] of Object.entries(filters) as [string, string[]][]) {
        for (const value of values) {
          search.append(name, value);
        }
      }
      for (;;) {
        const page = await server.ask(`api/v1/breaks?${search}`, checkBreaks);
        if (page.breaks.length > 0) {
          yield page.breaks;
        }
        if (page.next === null) {
          return;
        }
        search.set('next', page.next);
      }
    },
    async *applyRules({ from, to }) {
      for (let next: string | null | undefined; next !== null; ) {
        const batch = await server.call('applyRules', { query: { from, to, next } });
        yield batch;
        next = batch.next;
      }
    },
    evidence: (id, language) =>
      server.call('evidence', { params: { id }, query: { lang: language } }),
    close: async () => undefined,
  };
}

function checkImport(body: unknown): ImportAnswer {
  const answer = body as ImportAnswer;
  if (
    typeof answer?.accepted !== 'number' ||
    typeof answer.restored !== 'number' ||
    !Array.isArray(answer.errors)
  ) {
    throw new Error('the count of accepted lines is missing');
  }
  return answer;
}

function checkBreaks(body: unknown): { breaks: ShownBreak[]; next: string | null } {
  const page = body as { breaks: ShownBreak[]; next: string | null };
  if (!Array.isArray(page?.breaks)) {
    throw new Error('the list of breaks is missing');
  }
  return { breaks: page.breaks, next: page.next ?? null };
}
