import type { AlertOutcome } from '../../alerts/judge/alert-input.ts';
import { prepareJudgement } from '../../alerts/judge/judge-alerts.ts';
import type { AlertInstance } from '../../model/alert.ts';
import type { Card } from '../../model/card/card.ts';
import type { Incident, StoredIncident } from '../../model/incident.ts';
import type { Forewarning } from '../../model/push.ts';
import type { CauseWords, IncidentContext } from './incident-messages.ts';
import type { WordsRequest } from './read-cause-words.ts';
import { writeAlertCard } from './write-alert-card.ts';

/** What alerts are judged by. */
export interface JudgedTurn {
  incidents: readonly Incident[];
  forewarnings: readonly Forewarning[];
  context: IncidentContext;
  /** Epoch ms UTC. */
  now: number;
}

/** Where the judge reads what a card says. */
export interface CardSources {
  /** The stored form of a current incident. */
  storedOf: (id: string) => StoredIncident | undefined;
  /** Reads the texts of causes, by the incident's id. */
  readWords: (wanted: readonly WordsRequest[]) => Promise<ReadonlyMap<string, CauseWords>>;
}

/** Keeps the alerts of the last turn, and judges those of the next one. */
export class AlertJudge {
  readonly #sources: CardSources;
  #alerts: AlertInstance[] = [];
  /** Ids of incidents that alerts are about. */
  #incidents = new Set<string>();

  constructor(sources: CardSources) {
    this.#sources = sources;
  }

  /** Whether an alert is about an incident. @param id - of the incident */
  isAbout(id: string): boolean {
    return this.#incidents.has(id);
  }

  /** Continues from the alerts of an earlier run. */
  load(alerts: AlertInstance[]): void {
    this.#alerts = alerts;
    this.#incidents = new Set(alerts.map(({ labels }) => labels.incident));
  }

  /** Judges once to find out whose texts are needed, and again with the texts. @throws what `readWords` throws */
  async judge({ incidents, forewarnings, context, now }: JudgedTurn): Promise<AlertOutcome> {
    const { accounts, alerts, mute } = context;
    const wanted = new Map<string, WordsRequest>();
    let words: ReadonlyMap<string, CauseWords> = new Map();
    const judge = prepareJudgement({
      previous: this.#alerts,
      incidents,
      forewarnings,
      accounts,
      alertOf: (rule) => alerts[rule],
      mute,
      cardOf: (incident, mutedBy): Card => {
        const stored = this.#sources.storedOf(incident.id) as StoredIncident;
        wanted.set(incident.id, { incident, stored });
        const own = words.get(incident.id);
        return own ? writeAlertCard(incident, own, now, mutedBy) : [];
      },
      now,
    });
    let outcome = judge();
    if (wanted.size > 0) {
      words = await this.#sources.readWords([...wanted.values()]);
      outcome = judge();
    }
    this.load(outcome.instances);
    return outcome;
  }
}
