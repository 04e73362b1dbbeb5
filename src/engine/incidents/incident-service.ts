import type { AlertInstance, RuleAlert } from '../../model/alert.ts';
import type {
  DutyChange,
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

/** Reads incidents and stores what people say about them. */
export interface IncidentService {
  /** Current alerts, and those that were resolved within a day. */
  alerts(): Promise<AlertInstance[]>;
  /** The `alert` part of a rule in force; null when it has none. */
  alertOf(rule: string): RuleAlert | null;
  /**
   * Returns a stored incident with its remarks. For an incident that was merged into another one, returns
   * that one.
   *
   * @throws `UNKNOWN_INCIDENT`, `STORE_FAILED`
   */
  incident(id: string): Promise<ReportedIncident>;
  /**
   * Records who works on an incident.
   *
   * @param takeOver - replaces the person who acknowledged it before, who stays otherwise
   * @throws `UNKNOWN_INCIDENT`, `BAD_REMARK`, `STORE_FAILED`
   */
  acknowledge(
    id: string,
    by: string,
    note?: string | null,
    takeOver?: boolean,
  ): Promise<ReportedIncident>;
  /**
   * Records that no one works on an incident any more. Changes nothing when it was not acknowledged.
   *
   * @throws `UNKNOWN_INCIDENT`, `BAD_REMARK`, `STORE_FAILED`
   */
  release(id: string, by: string, note?: string | null): Promise<ReportedIncident>;
  /**
   * Adds a note. A note that says what fixed the incident is shown when a similar one happens.
   *
   * @throws `UNKNOWN_INCIDENT`, `BAD_REMARK`, `STORE_FAILED`
   */
  addNote(id: string, note: Omit<IncidentNote, 'at'>): Promise<ReportedIncident>;
  /**
   * Stores whether a cause was right, with its current diagnosis.
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

/** The options of {@link createIncidentService}. */
export interface IncidentServiceOptions {
  store: Store;
  /** Current alerts. */
  alerts: () => AlertInstance[];
  /** The `alert` part of a rule in force; none when absent. */
  alertOf?: (rule: string) => RuleAlert | null;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/** Creates the service. Remarks are stored beside the incidents, one at a time. */
export function createIncidentService({
  store,
  alerts,
  alertOf = () => null,
  now,
}: IncidentServiceOptions): IncidentService {
  let last: Promise<unknown> = Promise.resolve();
  /** Two remarks at the same time must not overwrite each other. */
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
      // The scope may be wider than at the last remark.
      scope: kept.scope,
      reason: kept.cause.reason,
      acknowledged: known?.acknowledged ?? null,
      notes: known?.notes ?? [],
      duty: known?.duty ?? [],
    };
  }

  function report(kept: StoredIncident, remarks: StoredRemarks): ReportedIncident {
    const { acknowledged, notes, duty } = remarks;
    return { ...kept, acknowledged, notes, duty };
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
    alertOf,
    async incident(id) {
      const kept = await find(id);
      return report(kept, await remarksOf(kept));
    },
    async acknowledge(id, by, note, takeOver = false) {
      const own = { at: now(), by: nameOf(by), note: note ? textOf(note) : null };
      return change(id, (remarks) => {
        const { acknowledged } = remarks;
        return acknowledged && (!takeOver || acknowledged.by === own.by)
          ? remarks
          : { ...remarks, acknowledged: own, duty: withDuty(remarks, { ...own, kind: 'taken' }) };
      });
    },
    async release(id, by, note) {
      const own = { at: now(), by: nameOf(by), note: note ? textOf(note) : null };
      return change(id, (remarks) =>
        remarks.acknowledged
          ? {
              ...remarks,
              acknowledged: null,
              duty: withDuty(remarks, { ...own, kind: 'released' }),
            }
          : remarks,
      );
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

function withDuty({ duty }: StoredRemarks, change: DutyChange): DutyChange[] {
  return [...duty, change].slice(-MAX_NOTES);
}

/** Removes control characters, because other people read the text. */
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
