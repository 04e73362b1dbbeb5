import type { AlertInstance } from '../../model/alert.ts';
import type {
  Feedback,
  FeedbackSubject,
  FeedbackVerdict,
  IncidentNote,
  ReportedIncident,
  StoredIncident,
  StoredRemarks,
} from '../../model/incident.ts';
import { type AccuracyReport, measureAccuracy } from '../../queries/measure-accuracy.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import type { Store, TimeRange } from '../../store/store.ts';
import { causeOf } from './incident-book.ts';

const MAX_TEXT_LENGTH = 2_000;
const MAX_NAME_LENGTH = 100;
const MAX_NOTES = 100;
const MAX_MERGES = 10;

/** Where people look at incidents and say what they know of them. */
export interface IncidentService {
  /** Alerts as they stand, and those that were resolved within a day. */
  alerts(): Promise<AlertInstance[]>;
  /**
   * An incident as it is kept, with what was said of it; one that turned out to be part of another
   * answers as that one.
   *
   * @throws `UNKNOWN_INCIDENT`, `STORE_FAILED`
   */
  incident(id: string): Promise<ReportedIncident>;
  /**
   * Notes that somebody takes care of it; who said so first stays.
   *
   * @throws `UNKNOWN_INCIDENT`, `BAD_REMARK`, `STORE_FAILED`
   */
  acknowledge(id: string, by: string, note?: string | null): Promise<ReportedIncident>;
  /**
   * Adds a note; one that tells what mended it is shown when the like happens again.
   *
   * @throws `UNKNOWN_INCIDENT`, `BAD_REMARK`, `STORE_FAILED`
   */
  addNote(id: string, note: Omit<IncidentNote, 'at'>): Promise<ReportedIncident>;
  /**
   * Keeps whether a cause was right, with the diagnosis as it is now.
   *
   * @throws `UNKNOWN_INCIDENT`, `UNKNOWN_BREAK`, `BAD_REMARK`, `STORE_FAILED`
   */
  giveFeedback(feedback: {
    subject: FeedbackSubject;
    id: string;
    verdict: FeedbackVerdict;
    by: string;
    note?: string | null;
  }): Promise<Feedback>;
  /**
   * How often causes were right, by rule and by confidence, as people said.
   *
   * @throws `STORE_FAILED`
   */
  accuracy(range: TimeRange): Promise<AccuracyReport>;
}

/** What a desk is made of. */
export interface IncidentServiceOptions {
  store: Store;
  /** Alerts as they stand. */
  alerts: () => AlertInstance[];
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/** Makes a desk. What is said is kept beside the incidents, one thing after the other. */
export function createIncidentService({
  store,
  alerts,
  now,
}: IncidentServiceOptions): IncidentService {
  let last: Promise<unknown> = Promise.resolve();
  /** Two who say something at once must not overwrite each other. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };

  async function find(id: string): Promise<StoredIncident> {
    let wanted = id;
    for (let merges = 0; merges <= MAX_MERGES; merges++) {
      const [found] = await store.findDocuments({ kind: 'incident', ids: [wanted], limit: 1 });
      if (!found) {
        break;
      }
      const kept = found.body as StoredIncident;
      if (kept.mergedInto === null) {
        return kept;
      }
      wanted = kept.mergedInto;
    }
    throw maskedError('UNKNOWN_INCIDENT', { id });
  }

  async function remarksOf(kept: StoredIncident): Promise<StoredRemarks> {
    const [found] = await store.findDocuments({ kind: 'remarks', ids: [kept.id], limit: 1 });
    const known = found?.body as StoredRemarks | undefined;
    return {
      incident: kept.id,
      // The scope may have been found to be wider since.
      scope: kept.scope,
      reason: kept.cause.reason,
      acknowledged: known?.acknowledged ?? null,
      notes: known?.notes ?? [],
    };
  }

  function report(kept: StoredIncident, { acknowledged, notes }: StoredRemarks): ReportedIncident {
    return { ...kept, acknowledged, notes };
  }

  function change(id: string, how: (remarks: StoredRemarks) => StoredRemarks) {
    return inTurn(async () => {
      const kept = await find(id);
      const remarks = how(await remarksOf(kept));
      await store.putDocuments([
        {
          kind: 'remarks',
          id: kept.id,
          account: kept.scope.account,
          at: kept.startedAt,
          open: false,
          body: remarks,
        },
      ]);
      return report(kept, remarks);
    });
  }

  async function diagnosisOf(subject: FeedbackSubject, id: string) {
    if (subject === 'incident') {
      const { id: own, scope, cause } = await find(id);
      return { id: own, account: scope.account, diagnosis: cause };
    }
    const record = await store.breakById(id);
    if (!record) {
      throw maskedError('UNKNOWN_BREAK', { id });
    }
    return { id, account: record.event.account, diagnosis: causeOf(record) };
  }

  return {
    alerts: async () => alerts(),
    async incident(id) {
      const kept = await find(id);
      return report(kept, await remarksOf(kept));
    },
    async acknowledge(id, by, note) {
      const own = { at: now(), by: nameOf(by), note: note ? textOf(note) : null };
      return change(id, (remarks) => ({ ...remarks, acknowledged: remarks.acknowledged ?? own }));
    },
    async addNote(id, { by, text, fixed }) {
      const own = { at: now(), by: nameOf(by), text: textOf(text), fixed };
      return change(id, (remarks) => ({
        ...remarks,
        notes: [...remarks.notes, own].slice(-MAX_NOTES),
      }));
    },
    async giveFeedback({ subject, id, verdict, by, note }) {
      const found = await diagnosisOf(subject, id);
      const feedback: Feedback = {
        ...found,
        subject,
        verdict,
        by: nameOf(by),
        note: note ? textOf(note) : null,
        at: now(),
      };
      await store.putDocuments([
        {
          kind: 'feedback',
          id: `${subject}:${found.id}`,
          account: found.account,
          at: feedback.at,
          open: false,
          body: feedback,
        },
      ]);
      return feedback;
    },
    accuracy: (range) => measureAccuracy(range, store),
  };
}

/** Control characters have no place in what others read. */
function plain(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, ' ').trim();
}

function nameOf(by: string): string {
  const name = plain(by).replace(/\s+/g, ' ').slice(0, MAX_NAME_LENGTH);
  if (name === '') {
    throw maskedError('BAD_REMARK', { problem: 'by is missing: name the person' });
  }
  return name;
}

function textOf(text: string): string {
  const words = plain(text);
  if (words === '' || words.length > MAX_TEXT_LENGTH) {
    throw maskedError('BAD_REMARK', {
      problem: `the text must have 1 to ${MAX_TEXT_LENGTH} characters`,
    });
  }
  return words;
}
