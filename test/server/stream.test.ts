import http, { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ShownBreak } from '../../src/contract/breaks.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import { createBreakStream } from '../../src/server/break-stream.ts';
import { breakRecord, NOON } from '../helpers/break-record.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';

interface Event {
  name: string;
  data: unknown;
}

/** Reads server-sent events as a browser does. */
async function* eventsOf(response: Response): AsyncGenerator<Event> {
  let text = '';
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += new TextDecoder().decode(bytes);
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const name = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (name && data) {
        yield { name, data: JSON.parse(data) };
      }
    }
  }
}

describe('GET /api/v1/stream', () => {
  let running: TestServer;
  let temporary: TemporaryStore;
  beforeAll(async () => {
    temporary = await openTemporaryStore();
  });
  afterAll(() => temporary?.remove());
  beforeEach(async () => {
    running = await startTestServer({}, undefined, temporary);
  });
  afterEach(() => running.stop());

  const listen = async (search = '') => {
    const response = await fetch(`${running.url}/api/v1/stream${search}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    return eventsOf(response);
  };
  const next = async (events: AsyncGenerator<Event>) => (await events.next()).value as Event;

  it('sends a break with its texts, in the requested language', async () => {
    const [english, chinese] = [await listen(), await listen('?lang=zh')];
    running.engine.publish(breakRecord('a'));
    const event = await next(english);
    expect(event.name).toBe('break');
    const shown = event.data as ShownBreak;
    expect(shown).toMatchObject({ id: 'a', endedAt: NOON });
    expect(shown.diagnosis.cause).toBe('The push URL expired. CSS refused it.');
    expect(((await next(chinese)).data as ShownBreak).diagnosis.cause).toBe('推流地址已过期。');
  });

  it('sends a change with the same id', async () => {
    const events = await listen();
    running.engine.publish(breakRecord('a'));
    await next(events);
    running.engine.publish(breakRecord('a', { event: { recoveredAt: NOON + 1 } }));
    expect((await next(events)).data).toMatchObject({ id: 'a', recoveredAt: NOON + 1 });
  });

  it('removes a break that was merged into another', async () => {
    const events = await listen();
    running.engine.publish(breakRecord('a'));
    running.engine.publish(breakRecord('b'));
    running.engine.withdraw('b');
    expect(await next(events)).toEqual({ name: 'removed', data: { id: 'b' } });
    expect((await next(events)).data).toMatchObject({ id: 'a' });
  });

  it('sends only breaks that match the filters', async () => {
    const events = await listen('?stream=shop-*&outcome=broken,refused');
    running.engine.publish(breakRecord('other', { event: { stream: 'show-1' } }));
    running.engine.publish(breakRecord('end', { verdict: { outcome: 'ended' } }));
    running.engine.publish(breakRecord('wanted'));
    expect((await next(events)).data).toMatchObject({ id: 'wanted' });
  });

  it('sends only the latest breaks of a storm, and the number of skipped ones', async () => {
    const events = await listen();
    for (let index = 0; index < 620; index++) {
      running.engine.publish(breakRecord(`s${index}`));
    }
    const got: Event[] = [];
    for (let index = 0; index < 501; index++) {
      got.push(await next(events));
    }
    expect(got.at(0)?.data).toMatchObject({ id: 's120' });
    expect(got.at(-1)).toEqual({ name: 'skipped', data: { count: 120 } });
  });

  it('rejects an unknown filter', async () => {
    const response = await fetch(`${running.url}/api/v1/stream?streams=x`);
    expect(response.status).toBe(400);
  });

  it('counts listeners, and disconnects them when the server closes', async () => {
    const events = await listen();
    expect(await running.metric('breakwatch_stream_clients')).toBe(1);
    await running.server.close();
    expect((await events.next()).done).toBe(true);
    expect(running.engine.listeners()).toBe(0);
  });
});

describe('many listeners', () => {
  it('accepts 500 listeners, and another one when one has disconnected', async () => {
    const stream = createBreakStream(
      { subscribe: () => () => undefined, ruleTexts: async () => new Map() },
      () => undefined,
    );
    const responses = Array.from({ length: 500 }, () => {
      const request = new IncomingMessage(new Socket());
      return new ServerResponse(request);
    });
    for (const response of responses) {
      expect(stream.isFull).toBe(false);
      stream.add(response, {}, 'en');
    }
    expect(stream.isFull).toBe(true);
    responses[7]?.emit('close');
    expect(stream.isFull).toBe(false);
    stream.close();
  });

  it('disconnects a listener that does not read, and keeps the others', async () => {
    let changed: (record: BreakRecord) => void = () => undefined;
    const stream = createBreakStream(
      {
        subscribe: (listener) => {
          changed = listener;
          return () => undefined;
        },
        ruleTexts: async () => new Map(),
      },
      () => undefined,
    );
    const deaf = new ServerResponse(new IncomingMessage(new Socket()));
    const server = http.createServer((_request, response) => stream.add(response, {}, 'en'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const events = eventsOf(await fetch(`http://127.0.0.1:${port}`));
    // Nobody takes what is written to it.
    stream.add(deaf, {}, 'en');
    const long = 'x'.repeat(100_000);
    for (let index = 0; !deaf.destroyed; index += 1) {
      expect(index).toBeLessThan(50);
      changed(breakRecord(`a${index}`, { event: { stream: long } }));
      expect((await events.next()).value).toMatchObject({ data: { id: `a${index}` } });
    }
    stream.close();
    server.close();
  });
});
