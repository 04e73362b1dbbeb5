import { Readable } from 'node:stream';
import { importEntry } from '../../src/css/import/import-entry.ts';
import { exportLines } from '../../src/engine/collect/export-lines.ts';
import type { Engine, ImportedBatch } from '../../src/engine/engine.ts';
import { createEvidenceSource } from '../../src/engine/evidence/evidence-source.ts';
import { createIncidentService } from '../../src/engine/incidents/incident-service.ts';
import type { BreakRecord, JournalEntry } from '../../src/model/break.ts';
import { BreakwatchError } from '../../src/model/errors.ts';
import type { EngineHealth } from '../../src/model/health.ts';
import { answerQueries } from '../../src/queries/answer-query.ts';
import { encodeResponse } from '../../src/queries/encode-response.ts';
import { gzipUnlessShort, type Pieces } from '../../src/queries/gzip-pieces.ts';
import { explainEntries } from '../../src/queries/lookup.ts';
import { asBreakwatchError } from '../../src/secrets/masked-error.ts';
import type { Store } from '../../src/store/store.ts';
import { queryContext } from './query-context.ts';

/** An engine that does not collect: real store and queries, but tests insert the breaks. */
export interface StoreEngine extends Engine {
  /** Notifies all subscribers of a break. */
  publish(record: BreakRecord): void;
  /** Notifies all subscribers that a break was removed. */
  withdraw(id: string): void;
  listeners(): number;
  /** Overrides parts of the health. */
  healthChanges: Partial<EngineHealth>;
}

/**
 * Creates an engine for a store, with one account, `default`. Callbacks must have the sign `right`.
 * They are appended to the journal, but not diagnosed.
 */
export function createStoreEngine(store: Store): StoreEngine {
  const context = queryContext(store);
  const listeners = new Set<Parameters<Engine['subscribe']>>();
  const evidence = createEvidenceSource({ store, accounts: [], now: Date.now });
  const engine: StoreEngine = {
    healthChanges: {},
    async acceptCallback(account, body, now = Date.now()) {
      if (account !== 'default') {
        throw new BreakwatchError('UNKNOWN_ACCOUNT', { account });
      }
      const { sign, sequence } = (body ?? {}) as { sign?: string; sequence?: string };
      if (sign === undefined) {
        throw new BreakwatchError('CALLBACK_UNSIGNED');
      }
      if (sign !== 'right') {
        throw new BreakwatchError('CALLBACK_BAD_SIGN', { account });
      }
      const key = String(sequence);
      const entry = { account, source: 'callback', key, receivedAt: now } as const;
      const [appended] = await store.append([{ ...entry, body: { sequence: key }, derived: {} }]);
      return { duplicate: appended?.duplicate ?? false, eventType: 0 };
    },
    publishRules: async () => {
      throw new BreakwatchError('RULES_NOT_SHARED');
    },
    journalError: () => null,
    async importRecords(account, records) {
      if (account !== null && account !== 'default') {
        throw new BreakwatchError('UNKNOWN_ACCOUNT', { account });
      }
      const { entries, rejected } = readRecords('default', records);
      const appended = await store.append(entries);
      const duplicates = appended.filter((entry) => entry.duplicate).length;
      return { accepted: appended.length - duplicates, duplicates, rejected, restored: 0 };
    },
    async breaks({ range, filters, limit, after }) {
      const records = await store.findBreaks({ range, filters, limit, ...(after && { after }) });
      return {
        records,
        texts: await context.texts.get(records.map(({ verdict }) => verdict.rule.hash)),
      };
    },
    exportLines: (request) => exportLines(request, { store, version: '9.9.9', now: Date.now() }),
    // There are no rules, so no verdict changes.
    applyRules: async () => ({ read: 0, changed: 0, next: null, total: 0, ruleSet: '' }),
    earlierVerdicts: (id) => store.earlierVerdicts(id),
    evidence: (breakId, language) => evidence.of(breakId, language),
    ruleTexts: (hashes) => context.texts.get(hashes),
    lookup: (text) => explainEntries(text, context.lookup),
    query: (request, signal) => answerQueries(request, context, signal),
    async answer(request, signal, { format, gzip = false } = {}) {
      const response = await engine.query(request, signal);
      const errors = Object.entries(response.results).flatMap(([refId, one]) =>
        'error' in one ? [[refId, one.error.code]] : [],
      );
      const encoded = encodeResponse(response, Number.POSITIVE_INFINITY, format);
      const packed = gzip ? gzipUnlessShort(encoded) : { pieces: encoded, isGzip: false };
      const pieces = [...piecesOf(packed.pieces)];
      return {
        errors: Object.fromEntries(errors),
        isGzip: packed.isGzip,
        isOnePiece: pieces.length === 1,
        pieces: Readable.from(pieces),
      };
    },
    values: (name, range, search) => store.values(name, range, 100, search),
    async health() {
      return {
        ok: true,
        version: '9.9.9',
        accounts: [
          {
            account: 'default',
            state: 'ok',
            lastPollAt: Date.now(),
            lastCallbackAt: null,
            error: null,
          },
        ],
        rules: { set: '5e7000000001', count: 3, loadedAt: 0, error: null },
        store: { kind: store.kind, ...(await store.counts()) },
        ...engine.healthChanges,
      };
    },
    subscribe(...listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    publish(record) {
      for (const [changed] of listeners) {
        changed(record);
      }
    },
    withdraw(id) {
      for (const [, removed] of listeners) {
        removed?.(id);
      }
    },
    ...createIncidentService({ store, alerts: () => [], now: context.now }),
    listeners: () => listeners.size,
    close: () => store.close(),
  };
  return engine;
}

function* piecesOf(pieces: Pieces): Generator<Uint8Array> {
  yield yield* pieces;
}

function readRecords(account: string, records: readonly unknown[]) {
  const entries: JournalEntry[] = [];
  const rejected: ImportedBatch['rejected'] = [];
  for (const [index, record] of records.entries()) {
    try {
      entries.push(importEntry(account, record, Date.now(), []));
    } catch (thrown) {
      rejected.push({ index, error: asBreakwatchError(thrown).toAnswer() });
    }
  }
  return { entries, rejected };
}
