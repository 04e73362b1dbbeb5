import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ShownAlert } from '../contract/incidents.ts';
import { ROUTES } from '../contract/routes.ts';
import type { Engine } from '../engine/engine.ts';
import type { AlertInstance, RuleAlert } from '../model/alert.ts';
import { renderCard } from '../model/card/render-card.ts';
import type { Language } from '../model/vocabulary.ts';
import { parseTimeRange } from '../queries/parse-time-range.ts';
import { addRoute } from './add-route.ts';

const DAY_MS = 86_400_000;
/** Default range of the accuracy report. */
const ACCURACY_DAYS = 30;

/** Adds the routes for alerts and incidents, and for what people say about them. */
export function addIncidentRoutes(app: FastifyInstance, engine: Engine): void {
  addRoute(app, ROUTES.alerts, async ({ query: { state, incident, lang = 'en' } }) => {
    const alerts = await engine.alerts();
    return {
      alerts: alerts
        .filter((alert) => state === undefined || alert.state === state)
        .filter(({ labels }) => incident === undefined || labels.incident === incident)
        .sort((a, b) => b.startsAt - a.startsAt || (a.id < b.id ? -1 : 1))
        .map((alert) => ({
          ...inOneLanguage(alert, lang),
          condition: conditionOf(engine.alertOf(alert.labels.rule)),
        })),
    };
  });

  addRoute(app, ROUTES.accuracy, ({ query }) => {
    const from = query.from ?? Date.now() - ACCURACY_DAYS * DAY_MS;
    return engine.accuracy(parseTimeRange(from, query.to, Date.now()));
  });

  addRoute(app, ROUTES.incident, ({ params }) => engine.incident(params.id));

  addRoute(app, ROUTES.acknowledge, ({ params, body, request }) =>
    engine.acknowledge(params.id, authorOf(body.by, request), body.note ?? null, body.takeOver),
  );
  addRoute(app, ROUTES.release, ({ params, body, request }) =>
    engine.release(params.id, authorOf(body.by, request), body.note ?? null),
  );
  addRoute(app, ROUTES.addNote, ({ params, body: { by, text, fixed = false }, request }) =>
    engine.addNote(params.id, { by: authorOf(by, request), text, fixed }),
  );
  addRoute(app, ROUTES.breakFeedback, ({ params, body: { verdict, by, note = null }, request }) =>
    engine.giveFeedback({
      subject: 'break',
      id: params.id,
      verdict,
      by: authorOf(by, request),
      note,
    }),
  );
  addRoute(
    app,
    ROUTES.incidentFeedback,
    ({ params, body: { verdict, by, note = null }, request }) =>
      engine.giveFeedback({
        subject: 'incident',
        id: params.id,
        verdict,
        by: authorOf(by, request),
        note,
      }),
  );
}

/** The name of the token; what the caller says, when the token names no person. */
function authorOf(by: string, { caller }: FastifyRequest): string {
  return caller?.name ?? by;
}

/** When a rule alerts, without the parts that only Breakwatch needs. */
function conditionOf(alert: RuleAlert | null): ShownAlert['condition'] {
  if (alert === null) {
    return null;
  }
  const { window, threshold, groupBy } = alert;
  return { window, threshold, groupBy, ...(alert.for === undefined ? {} : { for: alert.for }) };
}

function inOneLanguage(
  { card, settled: _settled, raised, ...alert }: AlertInstance,
  language: Language,
): Omit<ShownAlert, 'condition'> {
  return {
    ...alert,
    // When the severity rose after a notice was sent.
    raisedAt: raised?.at ?? null,
    text: card.length === 0 ? null : renderCard(card, { language }),
  };
}
