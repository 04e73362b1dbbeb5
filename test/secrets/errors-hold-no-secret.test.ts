import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWebhookChannel } from '../../src/alerts/channels/webhook/webhook-channel.ts';
import { readConfig } from '../../src/cli/config/read-config.ts';
import { createServerClient } from '../../src/client/create-server-client.ts';
import { createCssClient } from '../../src/css/api/css-client.ts';
import type { BreakwatchError } from '../../src/model/errors.ts';
import { asBreakwatchError } from '../../src/secrets/masked-error.ts';
import { makeNotice } from '../alerts/make-notice.ts';
import { type Receiver, refuse, startReceiver } from '../alerts/receiver.ts';
import { type CollectingServer, startCollectingServer } from '../helpers/collecting-server.ts';
import { signedCallback } from '../helpers/signed-callback.ts';

/** Planted everywhere below; no answer, error or log line may hold any part of it that is this long. */
const SECRET = 'z7q4Planted9x2Secret8w1';
const MARK = 'planted9x2secret';

/** The ways in which a secret comes along in texts that errors quote. */
const PHRASES = [
  `txSecret=${SECRET}`,
  `rtmp://push.example.com/live/a?txSecret=${SECRET}&txTime=5C271099`,
  `{"callback_key":"${SECRET}"}`,
  `password: ${SECRET}`,
  encodeURIComponent(`a?sign=${SECRET}&t=1`),
];

function expectClean(text: string): void {
  expect(text.toLowerCase()).not.toContain(MARK);
}

/** All that an error may show: message, remedy, details and answer. */
function shown(error: BreakwatchError): string {
  return JSON.stringify([error.message, error.remedy, error.details, error.toAnswer()]);
}

async function errorOf(work: () => unknown): Promise<BreakwatchError> {
  try {
    await work();
  } catch (thrown) {
    return asBreakwatchError(thrown);
  }
  throw new Error('nothing was thrown');
}

describe('errors of HTTP requests', () => {
  let collecting: CollectingServer;
  beforeAll(async () => {
    collecting = await startCollectingServer(['default']);
  });
  afterAll(() => collecting?.stop());

  /** Sends a request that has to fail, and looks through its answer. */
  async function refused(path: string, body?: string): Promise<void> {
    const init = body === undefined ? {} : { method: 'POST', body };
    const response = await fetch(`${collecting.server.url}${path}`, init);
    const text = await response.text();
    expect(response.status, text).toBeGreaterThanOrEqual(400);
    expect(JSON.parse(text)).toHaveProperty('error.code');
    expectClean(text);
  }

  it.each(PHRASES)('callbacks with %s', async (phrase) => {
    const quoted = encodeURIComponent(phrase);
    await refused(`/callbacks/css/${quoted}`, JSON.stringify(signedCallback()));
    await refused('/callbacks/css/default', `{"sign":"${phrase}`);
    for (const change of [
      { sign: phrase },
      { event_type: phrase },
      { event_type: 7, errmsg: phrase },
      { stream_id: { [phrase]: 1 } },
      { event_time: phrase },
      { t: phrase },
    ]) {
      await refused('/callbacks/css/default', JSON.stringify(signedCallback({ change })));
    }
    expectClean(collecting.log.join('\n'));
  });

  it.each(PHRASES)('queries with %s', async (phrase) => {
    const quoted = encodeURIComponent(phrase);
    await refused(`/api/v1/breaks?${quoted}=1`);
    await refused(`/api/v1/breaks?from=${quoted}`);
    await refused(`/api/v1/breaks?category=${quoted}`);
    await refused(`/api/v1/breaks/${quoted.slice(0, 90)}/evidence`);
    await refused(`/api/v1/incidents/${quoted.slice(0, 90)}`);
    await refused(`/api/v1/${quoted}`);
    await refused('/api/v1/query', `{"queries":[{"refId":"A","${phrase.replaceAll('"', '')}":1}]}`);
    await refused('/api/v1/query', JSON.stringify({ range: { from: phrase }, queries: [] }));
    expectClean(collecting.log.join('\n'));
  });

  it.each(PHRASES)('imported lines with %s', async (phrase) => {
    const end = { DomainName: 'push.example.com', AppName: 'live', StreamEndTime: phrase };
    const lines = [phrase, JSON.stringify({ ...end, StreamName: 'a' }), JSON.stringify([phrase])];
    const response = await fetch(`${collecting.server.url}/api/v1/import?account=default`, {
      method: 'POST',
      body: lines.join('\n'),
    });
    const text = await response.text();
    expect(JSON.parse(text).errors).toHaveLength(lines.length);
    expectClean(text);
    await refused(`/api/v1/import?account=${encodeURIComponent(phrase)}`, '{}');
  });
});

describe('errors of the configuration', () => {
  it.each([
    `accounts: "txSecret=${SECRET}"`,
    `accounts:\n  - name: shop\n    secretKey: ${SECRET}\n`,
    `accounts:\n  - name: "sign=${SECRET}"\n`,
    `accounts:\n  - name: shop\n    site: "password: ${SECRET}"\n`,
    `accounts:\n  - name: shop\n    "token=${SECRET}": 1\n`,
    `alerts:\n  publicUrl: "rtmp://user:${SECRET}@host"\n`,
    `secretKey: [${SECRET}\n`,
  ])('%j', async (text) => {
    const folder = await mkdtemp(join(tmpdir(), 'breakwatch-config-'));
    try {
      const file = join(folder, 'breakwatch.yaml');
      await writeFile(file, text);
      const error = await errorOf(() => readConfig({ BREAKWATCH_CONFIG: file }));
      expect(error.code).toBe('BAD_CONFIG');
      expectClean(shown(error));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('errors of other programs', () => {
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver();
  });
  afterAll(() => receiver.close());

  const bodies = PHRASES.flatMap((phrase) => [
    phrase,
    JSON.stringify({ error: { code: 'BAD_QUERY', message: `no: ${phrase}`, remedy: phrase } }),
    JSON.stringify({ error: { code: 'STORE_FAILED', message: phrase, remedy: phrase } }),
    JSON.stringify({ Response: { Error: { Code: 'InternalError', Message: phrase } } }),
    JSON.stringify({ Response: { TotalNum: phrase, EventList: phrase } }),
  ]);

  it.each(bodies)('that answer %j', async (body) => {
    for (const status of [200, 400, 503]) {
      receiver.behave = refuse(status, body);
      const css = createCssClient({
        account: 'shop',
        secretId: 'AKIDtest',
        secretKey: SECRET,
        site: 'cn',
        endpoint: receiver.url,
        pause: async () => undefined,
      });
      const channel = createWebhookChannel(
        {
          name: 'ops',
          url: `${receiver.url}/hook/${SECRET}`,
          format: 'slack',
          secrets: [SECRET],
          language: 'en',
          mention: [],
          updates: true,
          copy: false,
          filter: { accounts: [], categories: [], severities: [] },
        },
        null,
      );
      const remote = createServerClient({ url: receiver.url, token: SECRET });
      expectClean(shown(await errorOf(() => css.onlineStreams())));
      expectClean(
        shown(
          await errorOf(() =>
            remote.ask('api/v1/health', () => {
              throw new Error(body);
            }),
          ),
        ),
      );
      const sent = channel.send([makeNotice()], AbortSignal.timeout(5_000));
      expectClean(await sent.catch((thrown: unknown) => shown(asBreakwatchError(thrown))));
      css.close();
    }
  });

  it.each(PHRASES)('that throw %s', (phrase) => {
    expectClean(shown(asBreakwatchError(new Error(phrase))));
    expectClean(shown(asBreakwatchError(phrase)));
  });
});

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));
/** Rooms that see no foreign text: what they read is masked already, or is a path of the installation. */
const WITHOUT_FOREIGN_TEXT = /^(?:model|secrets|store|diagnosis|incidents|reasons)\//;

describe('the code', () => {
  it('uses maskedError for errors with details where text comes from outside', () => {
    const unmasked = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !WITHOUT_FOREIGN_TEXT.test(file))
      .flatMap((file) =>
        readFileSync(join(SOURCES, file), 'utf8')
          .split('\n')
          .flatMap((line, index) =>
            /new BreakwatchError\((?!'[A-Z_]+'\))/.test(line) ? [`src/${file}:${index + 1}`] : [],
          ),
      );
    expect(unmasked).toEqual([]);
  });
});
