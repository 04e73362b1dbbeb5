import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BreakwatchError } from '../model/errors.ts';
import type { AlertOutbox } from '../model/notice-outbox.ts';
import {
  badField,
  parseCount,
  parseObject,
  refuseUnknown,
} from '../queries/request/parse-fields.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { parseSearch } from './parse-search.ts';

const LIST = { defaultValue: 100, max: 1_000 };

/** The routes by which people see what has not been told yet, and decide about it. */
export function addOutboxRoutes(app: FastifyInstance, outbox: AlertOutbox | undefined): void {
  app.get('/api/v1/alerts/outbox', async (request) => {
    const search = parseSearch(request.query, ['limit'], false);
    const limit = parseCount(search.one('limit'), 'limit', LIST.max) ?? LIST.defaultValue;
    return {
      channels: outbox?.status() ?? [],
      warnings: outbox?.warnings() ?? [],
      notices: outbox ? await outbox.list(limit) : [],
    };
  });

  app.post('/api/v1/alerts/outbox/resend', async (request) => {
    const { id, channel } = fieldsOf(request, ['id', 'channel']);
    return { channels: await some(outbox).resend(wanted(id), channel) };
  });

  app.post('/api/v1/alerts/outbox/drop', async (request) => {
    const { id, channel } = fieldsOf(request, ['id', 'channel']);
    return { channels: await some(outbox).drop(wanted(id), channel) };
  });

  app.post('/api/v1/alerts/test', async (request) => {
    const { channel } = fieldsOf(request, ['channel']);
    return { tests: await some(outbox).test(channel) };
  });
}

/** @throws `NO_CHANNELS` */
function some(outbox: AlertOutbox | undefined): AlertOutbox {
  if (!outbox) {
    throw new BreakwatchError('NO_CHANNELS');
  }
  return outbox;
}

function wanted(id: string | undefined): string {
  if (id === undefined) {
    throw badField('id', 'is missing');
  }
  return id;
}

function fieldsOf(request: FastifyRequest, names: readonly string[]) {
  const { origin, host } = request.headers;
  // A page of another site may send this from a browser that can reach us, so it is not taken.
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)) {
    throw badField('origin', 'is another site');
  }
  const body = parseObject(parseJsonBody(request.body), 'the body');
  refuseUnknown(body, names);
  const text = (name: string): string | undefined => {
    const value = body[name];
    if (value !== undefined && value !== null && typeof value !== 'string') {
      throw badField(name, 'is no text');
    }
    return value ?? undefined;
  };
  return { id: text('id'), channel: text('channel') };
}
