import type { AlertInput, AlertOutcome } from '../../src/alerts/judge/alert-input.ts';
import { judgeAlerts } from '../../src/alerts/judge/judge-alerts.ts';
import { groupIncidents } from '../../src/incidents/group-incidents.ts';
import type { AlertInstance, RuleAlert } from '../../src/model/alert.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import { cardTitle, type Phrase } from '../../src/model/card/card.ts';
import { printPhrase } from '../../src/model/card/render-card.ts';
import { NO_MUTE_INTERVALS } from '../../src/model/mute-intervals.ts';
import type { AlertNotice } from '../../src/model/notice.ts';
import { NOON } from '../helpers/break-record.ts';
import { at } from '../incidents/story.ts';

/** The alert parts of the rules that stories use. */
export const ALERTS: Record<string, RuleAlert> = {
  'network/link-lost': { window: '5m', threshold: 1, groupBy: ['stream'], for: '1m' },
  'auth/url-expired': { window: '5m', threshold: 1, groupBy: ['domain'] },
  'client/two-encoders': { window: '10m', threshold: 1, groupBy: ['stream'] },
  'billing/arrears': {
    window: '5m',
    threshold: 1,
    groupBy: ['account'],
    inhibits: ['auth/*', 'network/*'],
  },
  'network/node-wide': {
    window: '5m',
    threshold: 3,
    groupBy: ['node'],
    inhibits: ['network/link-*'],
  },
};

/** A phrase that is the same text in each language. */
export function words(text: string): Phrase {
  return { id: 'ruleText', text: { en: [{ kind: 'text', text }] } };
}

/** The default input of the judge in tests. */
export function input(wish: Partial<AlertInput> = {}): AlertInput {
  return {
    previous: [],
    incidents: [],
    forewarnings: [],
    accounts: [],
    alertOf: (id) => ALERTS[id],
    mute: NO_MUTE_INTERVALS,
    cardOf: ({ cause, streams }) => [
      { part: 'what', facts: [[words(`${cause.verdict.rule.id} ${streams}`)]] },
      { part: 'why', facts: [[words('cause')]] },
      { part: 'doNow', facts: [[words('do')]] },
    ],
    now: NOON,
    ...wish,
  };
}

/** Judges a story of breaks step by step. */
export class Watch {
  instances: AlertInstance[] = [];
  notices: AlertNotice[] = [];
  outcome: AlertOutcome = { instances: [], notices: [], wakeAt: null };
  readonly #records: readonly BreakRecord[];
  readonly #wish: Partial<AlertInput>;

  constructor(records: readonly BreakRecord[], wish: Partial<AlertInput> = {}) {
    this.#records = records;
    this.#wish = wish;
  }

  /** Judges once, at seconds after noon, with the breaks known at that time. */
  judge(seconds: number, wish: Partial<AlertInput> = {}): AlertNotice[] {
    const now = at(seconds);
    const known = this.#records
      .filter(({ event }) => event.endedAt <= now)
      .map((record) => {
        const { recoveredAt } = record.event;
        const isBack = recoveredAt !== null && recoveredAt <= now;
        return isBack ? record : { ...record, event: { ...record.event, recoveredAt: null } };
      });
    const incidents = groupIncidents({ records: known, pushes: null, now });
    const previous = this.instances;
    this.outcome = judgeAlerts(input({ incidents, ...this.#wish, ...wish, previous, now }));
    this.instances = this.outcome.instances;
    this.notices.push(...this.outcome.notices);
    return this.outcome.notices;
  }

  /** Judges at every step, and at each `wakeAt` between steps. */
  run(from: number, to: number, step: number): this {
    let next = from;
    for (let moment = from; moment <= to; ) {
      this.judge(moment);
      next = moment >= next ? next + step : next;
      const { wakeAt } = this.outcome;
      moment = Math.min(next, wakeAt === null ? next : Math.ceil((wakeAt - NOON) / 1_000));
    }
    return this;
  }

  /** The notices so far: seconds after noon, kind, and the alert's title. */
  get notified(): string[] {
    return this.notices.map(
      ({ at: moment, kind, alert, raised }) =>
        `${(moment - NOON) / 1_000} ${raised ? 'raised ' : ''}${kind} ${printPhrase(cardTitle(alert.card), { language: 'en' })}`,
    );
  }

  count(kind: AlertNotice['kind']): number {
    return this.notices.filter((notice) => notice.kind === kind).length;
  }
}
