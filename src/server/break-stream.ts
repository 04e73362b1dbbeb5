import type { ServerResponse } from 'node:http';
import type { Engine } from '../engine/engine.ts';
import type { BreakRecord } from '../model/break-record.ts';
import { matchFilters } from '../model/match-filters.ts';
import type { Filters } from '../model/query.ts';
import type { Language } from '../model/vocabulary.ts';
import { showBreak } from './show-break.ts';

/** Records that come together go out together. */
const COLLECT_MS = 100;
/** In a storm only the latest of each collection go out; the page fetches the rest. */
const MAX_AT_ONCE = 500;
const HEARTBEAT_MS = 15_000;
/** A reader that lags by more than this is cut; it connects again and fetches anew. */
const MAX_UNREAD_BYTES = 1024 * 1024;
/** Pages that listen at once; each holds a connection, and in a storm its unread bytes. */
const MAX_CLIENTS = 500;

interface Client {
  response: ServerResponse;
  filters: Filters;
  language: Language;
}

/** Server-sent events: every new or changed break to every page that listens. */
export interface BreakStream {
  /** Whether no more can listen. */
  readonly isFull: boolean;
  /** Takes over a response whose head is not yet written. */
  add(response: ServerResponse, filters: Filters, language: Language): void;
  /** Ends all responses. */
  close(): void;
}

/**
 * Sends breaks as they happen: `event: break` with the same JSON as `/api/v1/breaks`, and
 * `event: skipped` with `{"count"}` when there were more than can be drawn at once. `event: removed` with `{"id"}` takes
 * a break back that turned out to be part of another.
 *
 * @param onClients - told how many listen
 */
export function createBreakStream(
  engine: Pick<Engine, 'subscribe' | 'ruleTexts'>,
  onClients: (count: number) => void,
): BreakStream {
  const clients = new Set<Client>();
  // By id: of a break that changes twice within one collection the last state goes out.
  let collected = new Map<string, BreakRecord>();
  let removed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  function write({ response }: Client, text: string): void {
    if (response.writableLength > MAX_UNREAD_BYTES) {
      response.destroy();
    } else {
      response.write(text);
    }
  }

  async function flush(): Promise<void> {
    const records = [...collected.values()];
    const gone = [...removed].map((id) => printEvent('removed', { id }));
    collected = new Map();
    removed = new Set();
    const shown = records.slice(-MAX_AT_ONCE);
    // Written once for all who read the same language: in a storm that takes its time.
    const written = new Map<Language, string[]>();
    const writtenIn = (language: Language): string[] => {
      let lines = written.get(language);
      if (!lines) {
        lines = shown.map((record) => printEvent('break', showBreak(record, texts, language)));
        written.set(language, lines);
      }
      return lines;
    };
    const texts = await engine
      .ruleTexts(shown.map((record) => record.verdict.rule.hash))
      // Without its words a break still shows its rule's name.
      .catch(() => new Map());
    const skipped = records.length - shown.length;
    for (const client of clients) {
      const events = gone.concat(
        writtenIn(client.language).filter((_text, index) =>
          matchFilters(shown[index] as BreakRecord, client.filters),
        ),
      );
      if (skipped > 0) {
        events.push(printEvent('skipped', { count: skipped }));
      }
      if (events.length > 0) {
        write(client, events.join(''));
      }
    }
  }

  /** One collection after the other, so that nobody gets an older state after a newer one. */
  function soon(): void {
    timer ??= setTimeout(() => {
      flush()
        .catch(cutAll)
        .finally(() => {
          timer = undefined;
          if (collected.size + removed.size > 0) {
            soon();
          }
        });
    }, COLLECT_MS);
  }

  /** Whoever is cut connects again and fetches anew, so nobody goes on with a gap. */
  function cutAll(): void {
    for (const { response } of clients) {
      response.destroy();
    }
  }

  const unsubscribe = engine.subscribe(
    (record) => {
      if (clients.size > 0) {
        const { id } = record.event;
        collected.delete(id);
        collected.set(id, record);
        soon();
      }
    },
    (id) => {
      if (clients.size > 0) {
        collected.delete(id);
        removed.add(id);
        soon();
      }
    },
  );

  const heartbeat = setInterval(() => {
    for (const client of clients) {
      write(client, ': still here\n\n');
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();

  return {
    get isFull() {
      return clients.size >= MAX_CLIENTS;
    },
    add(response, filters, language) {
      const client = { response, filters, language };
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // Proxies such as nginx would hold events back otherwise.
        'x-accel-buffering': 'no',
      });
      response.write('retry: 2000\n\n');
      clients.add(client);
      onClients(clients.size);
      response.on('close', () => {
        clients.delete(client);
        onClients(clients.size);
      });
    },
    close() {
      unsubscribe();
      clearInterval(heartbeat);
      clearTimeout(timer);
      collected.clear();
      removed.clear();
      for (const { response } of clients) {
        response.end();
      }
    },
  };
}

function printEvent(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
