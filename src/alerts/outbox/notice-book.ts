import { LRUCache } from 'lru-cache';
import type { AnswerError } from '../../model/errors.ts';
import type { AlertNotice, NoticeKind, OutboxState } from '../../model/notice.ts';

/** As the store keeps it; see `StoredDocument`. */
interface NoticeDocument {
  kind: string;
  id: string;
  account: string;
  at: number;
  open: boolean;
  body: unknown;
}

/** What the outbox needs of a store. All of it throws `STORE_FAILED`. */
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

/** What became of a notice on one way out. */
export interface DeliveryState {
  state: OutboxState;
  /** Of a resolve: its page never went out by this way. */
  missed?: boolean;
  /** Of a page that tells of a rise: its reader had the page before it. */
  again?: boolean;
  /** Id of the newer notice of the same alert whose words it is sent with. */
  words?: string;
  /** Since when it is tried, where that is not since it came; epoch ms UTC. */
  since?: number;
  error?: AnswerError;
}

/** A notice that is in hand. Its words are read when they are needed. */
export interface NoticeEntry {
  id: string;
  alert: string;
  account: string;
  kind: NoticeKind;
  /** Epoch ms UTC. */
  at: number;
  /** When what it tells first held, epoch ms UTC. */
  since: number;
  /** Place in the order of arrival. */
  order: number;
  channels: Map<string, DeliveryState>;
}

interface Body {
  notice: AlertNotice;
  channels: Record<string, DeliveryState>;
}

const KIND = 'notice';
const PAGE = 1_000;
/** Words kept at hand; the rest is read from the store, so that an outage fills no memory. */
const MAX_WORDS = 200;
const TURN: readonly NoticeKind[] = ['page', 'update', 'resolve'];

/** Keeps notices in a store, and knows which are open without their words. */
export class NoticeBook {
  readonly #store: NoticeStore;
  readonly #words = new LRUCache<string, AlertNotice>({ max: MAX_WORDS });
  /** Words that no store has yet. */
  readonly #unkept = new Map<string, AlertNotice>();
  readonly #entries = new Map<string, NoticeEntry>();
  #order = 0;

  constructor(store: NoticeStore) {
    this.#store = store;
  }

  /** Reads what is open, the oldest first. @throws `STORE_FAILED` */
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
      // Several may share a moment, so it is read once more; a page of nothing else needs a longer one.
      limit = found.size === before ? limit * 2 : PAGE;
      to = (page.at(-1) as NoticeDocument).at + 1;
    }
    const documents = [...found.values()].sort(
      (a, b) => a.at - b.at || turnOf(a) - turnOf(b) || (a.id < b.id ? -1 : 1),
    );
    return documents.map(({ body }) => {
      const { notice, channels } = body as Body;
      return this.#enter(notice, new Map(Object.entries(channels)));
    });
  }

  /** Which of these ids are known, in hand or done with. @throws `STORE_FAILED` */
  async known(ids: readonly string[]): Promise<Set<string>> {
    // Settled before the store is asked: meanwhile one may leave the hand.
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

  /** Takes a notice in hand; {@link save} keeps it. */
  add(notice: AlertNotice, channels: Map<string, DeliveryState>): NoticeEntry {
    this.#unkept.set(notice.id, notice);
    return this.#enter(notice, channels);
  }

  /** Forgets a notice that could not be kept. */
  forget(id: string): void {
    this.#entries.delete(id);
    this.#words.delete(id);
    this.#unkept.delete(id);
  }

  entries(): Iterable<NoticeEntry> {
    return this.#entries.values();
  }

  get(id: string): NoticeEntry | undefined {
    return this.#entries.get(id);
  }

  /** Notices with their words, by id; one whose words are gone is absent. @throws `STORE_FAILED` */
  async read(ids: readonly string[]): Promise<Map<string, AlertNotice>> {
    const missing = ids.filter((id) => !this.#words.has(id) && !this.#unkept.has(id));
    const found =
      missing.length === 0
        ? []
        : await this.#store.findDocuments({ kind: KIND, ids: missing, limit: missing.length });
    const read = new Map(found.map(({ id, body }) => [id, (body as Body).notice]));
    return new Map(
      ids.flatMap((id) => {
        const notice = this.#unkept.get(id) ?? this.#words.get(id) ?? read.get(id);
        return notice ? [[id, notice] as const] : [];
      }),
    );
  }

  /**
   * Keeps where notices stand now; those that nobody waits for any more leave the hand.
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
      const fresh = this.#unkept.get(entry.id);
      if (!isOpen(entry)) {
        this.forget(entry.id);
      } else if (fresh) {
        this.#unkept.delete(entry.id);
        this.#remember(fresh);
      }
    }
  }

  /** Takes away what has been done with for so long. @throws `STORE_FAILED` */
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

  #enter(notice: AlertNotice, channels: Map<string, DeliveryState>): NoticeEntry {
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

  #remember(notice: AlertNotice): void {
    this.#words.set(notice.id, notice);
  }
}

/** Whether a way out still has to have it, or it is kept for somebody to decide. */
function isOpen({ channels }: NoticeEntry): boolean {
  return [...channels.values()].some(({ state }) => state === 'waiting' || state === 'dead');
}

function turnOf({ body }: NoticeDocument): number {
  return TURN.indexOf((body as Body).notice.kind);
}
