import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Engine } from '../engine/engine.ts';
import type { AlertInstance } from '../model/alert.ts';
import { FEEDBACK_VERDICTS, type FeedbackSubject } from '../model/feedback.ts';
import { parseChoice, parseObject, refuseUnknown } from '../queries/request/parse-fields.ts';
import { parseTimeRange } from '../queries/request/parse-time-range.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { parseSearch } from './parse-search.ts';

type WithId = { Params: { id: string } };

/** The routes by which people see alerts and incidents, and say what they know of them. */
export function addIncidentRoutes(app: FastifyInstance, engine: Engine): void {
  app.get('/api/v1/alerts', async (request) => {
    const search = parseSearch(request.query, ['state'], false);
    const state = parseChoice(search.one('state'), 'state', ['pending', 'firing', 'resolved']);
    const alerts = await engine.alerts();
    return {
      alerts: alerts
        .filter((alert) => state === undefined || alert.state === state)
        .sort((a, b) => b.startsAt - a.startsAt || (a.id < b.id ? -1 : 1))
        .map((alert) => inOneLanguage(alert, search.language)),
    };
  });

  app.get('/api/v1/accuracy', async (request) => {
    const search = parseSearch(request.query, ['from', 'to'], false);
    const from = search.one('from') ?? String(Date.now() - 30 * 86_400_000);
    return engine.accuracy(parseTimeRange(from, search.one('to'), Date.now()));
  });

  app.get<WithId>('/api/v1/incidents/:id', (request) => engine.incident(request.params.id));

  app.post<WithId>('/api/v1/incidents/:id/acknowledge', async (request) => {
    const { by, note } = fieldsOf(request, ['by', 'note']);
    return engine.acknowledge(request.params.id, wanted(by, 'by'), optional(note, 'note'));
  });

  app.post<WithId>('/api/v1/incidents/:id/note', async (request) => {
    const { by, text, fixed } = fieldsOf(request, ['by', 'text', 'fixed']);
    if (fixed !== undefined && typeof fixed !== 'boolean') {
      throw maskedError('BAD_REMARK', { problem: 'fixed is neither true nor false' });
    }
    return engine.addNote(request.params.id, {
      by: wanted(by, 'by'),
      text: wanted(text, 'text'),
      fixed: fixed ?? false,
    });
  });

  for (const [path, subject] of [
    ['breaks', 'break'],
    ['incidents', 'incident'],
  ] as const satisfies [string, FeedbackSubject][]) {
    app.post<WithId>(`/api/v1/${path}/:id/feedback`, async (request) => {
      const { verdict, by, note } = fieldsOf(request, ['verdict', 'by', 'note']);
      const said = FEEDBACK_VERDICTS.find((one) => one === verdict);
      if (!said) {
        throw maskedError('BAD_REMARK', { problem: 'verdict is neither right nor wrong' });
      }
      return engine.giveFeedback({
        subject,
        id: request.params.id,
        verdict: said,
        by: wanted(by, 'by'),
        note: optional(note, 'note'),
      });
    });
  }
}

function inOneLanguage(
  { texts, settled: _settled, raised, ...alert }: AlertInstance,
  language: keyof AlertInstance['texts'],
) {
  return {
    ...alert,
    // Since when it is as severe as it is, where it was told as less before.
    raisedAt: raised?.at ?? null,
    text: texts[language] ?? texts.en ?? null,
  };
}

function fieldsOf(request: FastifyRequest, names: readonly string[]): Record<string, unknown> {
  const { origin, host } = request.headers;
  // A page of another site may send this from a browser that can reach us, so it is not taken.
  if (origin !== undefined && hostOf(origin) !== host) {
    throw maskedError('BAD_REMARK', { problem: 'it comes from a page of another site' });
  }
  const body = parseObject(parseJsonBody(request.body), 'the body');
  refuseUnknown(body, names);
  return body;
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

function wanted(value: unknown, name: string): string {
  if (typeof value !== 'string') {
    throw maskedError('BAD_REMARK', { problem: `${name} is missing or no text` });
  }
  return value;
}

function optional(value: unknown, name: string): string | null {
  return value === undefined || value === null ? null : wanted(value, name);
}
