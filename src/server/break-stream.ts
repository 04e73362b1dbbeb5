import type { ServerResponse } from 'node:http';
import type { Engine } from '../engine/engine.ts';
import type { BreakRecord } from '../model/break.ts';
import { ruleHashesOf } from '../model/diagnosis.ts';
import { type Filters, matchFilters } from '../model/query.ts';
import type { Language } from '../model/vocabulary.ts';
import { showBreak } from './show-break.ts';

/** Time for which changes are collected before they are sent together. */
const COLLECT_MS = 100;
/** In a storm only the latest breaks of each collection are sent; the page fetches the others. */
const MAX_AT_ONCE = 500;
const HEARTBEAT_MS = 15_000;
/** A client with more unread bytes is disconnected; it connects again and fetches. */
const MAX_UNREAD_BYTES = 1024 * 1024;
/** Each client holds a connection and, in a storm, its unread bytes. */
const MAX_CLIENTS = 500;

interface Client {
  response: ServerResponse;
  filters: Filters;
  language: Language;
}

/** Server-sent events: sends every new or changed break to every client. */
export interface BreakStream {
  /** Whether no further client is accepted. */
  readonly isFull: boolean;
  /** Adds a client by its response, whose head is not yet written. */
  add(response: ServerResponse, filters: Filters, language: Language): void;
  /** Ends all responses. */
  close(): void;
}

/**
 * Sends breaks as they happen: `event: break` with the same JSON as `/api/v1/breaks`, and
 * `event: skipped` with `{"count"}` when there were too many to send or another server derived them, and `event: removed` with `{"id"}` for
 * a break that was part of another.
 *
 * @param onClients - called with the number of clients when it changes
 */
export function createBreakStream(
  engine: Pick<Engine, 'subscribe' | 'ruleTexts'>,
  onClients: (count: number) => void,
): BreakStream {
  const clients = new Set<Client>();
  // By id: when a break changes twice within one collection, its last state is sent.
  let collected = new Map<string, BreakRecord>();
  let removed = new Set<string>();
  let isMissed = false;
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
    const missed = isMissed ? 1 : 0;
    collected = new Map();
    removed = new Set();
    isMissed = false;
    const shown = records.slice(-MAX_AT_ONCE);
    // Serialized once for each language, because that takes long in a storm.
    const serialized = new Map<Language, string[]>();
    const eventsIn = (language: Language): string[] => {
      let lines = serialized.get(language);
      if (!lines) {
        lines = shown.map((record) => printEvent('break', showBreak(record, texts, language)));
        serialized.set(language, lines);
      }
      return lines;
    };
    const texts = await engine
      .ruleTexts(shown.flatMap(({ verdict }) => ruleHashesOf(verdict)))
      // Without its texts a break still shows the name of its rule.
      .catch(() => new Map());
    const skipped = records.length - shown.length + missed;
    for (const client of clients) {
      const events = gone.concat(
        eventsIn(client.language).filter((_text, index) =>
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

  /** Flushes one collection after the other, so that no client gets an older state after a newer one. */
  function schedule(): void {
    timer ??= setTimeout(() => {
      flush()
        .catch(disconnectAll)
        .finally(() => {
          timer = undefined;
          if (collected.size + removed.size > 0 || isMissed) {
            schedule();
          }
        });
    }, COLLECT_MS);
  }

  /** Clients that are disconnected connect again and fetch, so none continues with a gap. */
  function disconnectAll(): void {
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
        schedule();
      }
    },
    (id) => {
      if (clients.size > 0) {
        collected.delete(id);
        removed.add(id);
        schedule();
      }
    },
    () => {
      if (clients.size > 0) {
        isMissed = true;
        schedule();
      }
    },
  );

  const heartbeat = setInterval(() => {
    for (const client of clients) {
      write(client, ': heartbeat\n\n');
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
        // Otherwise proxies such as nginx buffer events.
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
