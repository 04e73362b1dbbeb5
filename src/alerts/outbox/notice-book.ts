import { LRUCache } from 'lru-cache';
import type { AnswerError } from '../../model/errors.ts';
import type { AlertNotice, NoticeKind, OutboxState } from '../../model/notice.ts';

/** A stored notice; see `StoredDocument`. */
interface NoticeDocument {
  kind: string;
  id: string;
  account: string;
  at: number;
  open: boolean;
  body: unknown;
}

/** The part of the store that the outbox uses. All methods throw `STORE_FAILED`. */
export interface NoticeStore {
  putDocuments(documents: readonly NoticeDocument[]): Promise<void>;
  /** By `at` descending, then id descending. */
  findDocuments(search: {
    kind: string;
    ids?: readonly string[];
    open?: boolean;
    range?: { from: number; to: number };
    limit: number;
  }): Promise<NoticeDocument[]>;
  removeDocuments(kind: string, ids: readonly string[]): Promise<void>;
}

/** Delivery of a notice on one channel. */
export interface DeliveryState {
  state: OutboxState;
  /** For a resolve: its page was never sent on this channel. */
  missed?: boolean;
  /** For a second page, sent when the severity rose: the channel accepted the first one too. */
  pagedBefore?: boolean;
  /** Id of a newer notice of the same alert whose content is sent instead of its own. */
  contentOf?: string;
  /** Start time of the attempts when it was sent again by hand, epoch ms UTC. */
  since?: number;
  error?: AnswerError;
}

/** An open notice: waiting or given up. Its content is read from the store when needed. */
export interface NoticeEntry {
  id: string;
  alert: string;
  account: string;
  kind: NoticeKind;
  /** Epoch ms UTC. */
  at: number;
  /** When the condition that it reports was first met, epoch ms UTC. */
  since: number;
  /** Position in the order of arrival. */
  order: number;
  /** Delivery by name of the channel. */
  channels: Map<string, DeliveryState>;
}

interface Body {
  notice: AlertNotice;
  channels: Record<string, DeliveryState>;
}

const KIND = 'notice';
const PAGE = 1_000;
/** Maximum notices with content in memory; others are read from the store, so an outage fills no memory. */
const MAX_CACHED = 200;
const KIND_ORDER: readonly NoticeKind[] = ['page', 'update', 'resolve'];

/** Keeps notices in a store, and in memory the state of open ones without their content. */
export class NoticeBook {
  readonly #store: NoticeStore;
  readonly #content = new LRUCache<string, AlertNotice>({ max: MAX_CACHED });
  /** Notices that are not in the store yet. */
  readonly #unsaved = new Map<string, AlertNotice>();
  readonly #entries = new Map<string, NoticeEntry>();
  #order = 0;

  constructor(store: NoticeStore) {
    this.#store = store;
  }

  /** Reads all open notices, the oldest first. @throws `STORE_FAILED` */
  async load(): Promise<NoticeEntry[]> {
    const found = new Map<string, NoticeDocument>();
    let to = Number.MAX_SAFE_INTEGER;
    for (let limit = PAGE; ; ) {
      const range = { from: 0, to };
      const page = await this.#store.findDocuments({ kind: KIND, open: true, range, limit });
      const before = found.size;
      for (const document of page) {
        found.set(document.id, document);
      }
      if (page.length < limit) {
        break;
      }
      // Notices may share a time, so the last one is read again; a page that adds none must grow.
      limit = found.size === before ? limit * 2 : PAGE;
      to = (page.at(-1) as NoticeDocument).at + 1;
    }
    const documents = [...found.values()].sort(
      (a, b) => a.at - b.at || kindOrderOf(a) - kindOrderOf(b) || (a.id < b.id ? -1 : 1),
    );
    return documents.map(({ body }) => {
      const { notice, channels } = body as Body;
      return this.#addEntry(notice, new Map(Object.entries(channels)));
    });
  }

  /** Returns those ids that are known, open or not. @throws `STORE_FAILED` */
  async known(ids: readonly string[]): Promise<Set<string>> {
    // Checked before the store is asked: an open notice may be closed meanwhile.
    const known = new Set(ids.filter((id) => this.#entries.has(id)));
    const asked = ids.filter((id) => !known.has(id));
    if (asked.length > 0) {
      const search = { kind: KIND, ids: asked, limit: asked.length };
      for (const { id } of await this.#store.findDocuments(search)) {
        known.add(id);
      }
    }
    return known;
  }

  /** Adds a new notice; {@link save} stores it. */
  add(notice: AlertNotice, channels: Map<string, DeliveryState>): NoticeEntry {
    this.#unsaved.set(notice.id, notice);
    return this.#addEntry(notice, channels);
  }

  /** Removes a notice from memory. */
  forget(id: string): void {
    this.#entries.delete(id);
    this.#content.delete(id);
    this.#unsaved.delete(id);
  }

  entries(): Iterable<NoticeEntry> {
    return this.#entries.values();
  }

  get(id: string): NoticeEntry | undefined {
    return this.#entries.get(id);
  }

  /** Reads notices with their content, by id. Unknown ones are absent. @throws `STORE_FAILED` */
  async read(ids: readonly string[]): Promise<Map<string, AlertNotice>> {
    const missing = ids.filter((id) => !this.#content.has(id) && !this.#unsaved.has(id));
    const found =
      missing.length === 0
        ? []
        : await this.#store.findDocuments({ kind: KIND, ids: missing, limit: missing.length });
    const read = new Map(found.map(({ id, body }) => [id, (body as Body).notice]));
    return new Map(
      ids.flatMap((id) => {
        const notice = this.#unsaved.get(id) ?? this.#content.get(id) ?? read.get(id);
        return notice ? [[id, notice] as const] : [];
      }),
    );
  }

  /**
   * Stores the current state of notices, and removes from memory those that are no longer open.
   *
   * @throws `STORE_FAILED`
   */
  async save(entries: readonly NoticeEntry[]): Promise<void> {
    if (entries.length === 0) {
      return;
    }
    const notices = await this.read(entries.map(({ id }) => id));
    const documents = entries.flatMap((entry) => {
      const notice = notices.get(entry.id);
      const { id, account, at } = entry;
      const body: Body = {
        notice: notice as AlertNotice,
        channels: Object.fromEntries(entry.channels),
      };
      return notice ? [{ kind: KIND, id, account, at, open: isOpen(entry), body }] : [];
    });
    await this.#store.putDocuments(documents);
    for (const entry of entries) {
      const added = this.#unsaved.get(entry.id);
      if (!isOpen(entry)) {
        this.forget(entry.id);
      } else if (added) {
        this.#unsaved.delete(entry.id);
        this.#content.set(added.id, added);
      }
    }
  }

  /**
   * Deletes closed notices from the store.
   *
   * @param doneBefore - deletes notices from before this time, epoch ms UTC
   * @throws `STORE_FAILED`
   */
  async prune(doneBefore: number): Promise<void> {
    const range = { from: 0, to: doneBefore };
    for (;;) {
      const old = await this.#store.findDocuments({ kind: KIND, open: false, range, limit: PAGE });
      const ids = old.map(({ id }) => id);
      if (ids.length > 0) {
        await this.#store.removeDocuments(KIND, ids);
      }
      if (ids.length < PAGE) {
        return;
      }
    }
  }

  #addEntry(notice: AlertNotice, channels: Map<string, DeliveryState>): NoticeEntry {
    const { id, kind, at, alert, raised } = notice;
    this.#order += 1;
    const entry: NoticeEntry = {
      id,
      kind,
      at,
      since: (raised ? alert.raised?.at : undefined) ?? alert.pendingSince,
      alert: alert.id,
      account: alert.labels.account,
      order: this.#order,
      channels,
    };
    this.#entries.set(id, entry);
    return entry;
  }
}

/** Tells whether a notice waits for a channel, or was given up and needs a decision. */
function isOpen({ channels }: NoticeEntry): boolean {
  return [...channels.values()].some(({ state }) => state === 'waiting' || state === 'givenUp');
}

function kindOrderOf({ body }: NoticeDocument): number {
  return KIND_ORDER.indexOf((body as Body).notice.kind);
}
