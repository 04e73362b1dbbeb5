import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ShownBreak } from '../../src/contract/breaks.ts';
import { readPushExceptions } from '../../src/css/callbacks/index.ts';
import type { Alternate } from '../../src/model/diagnosis.ts';
import { LANGUAGES } from '../../src/model/vocabulary.ts';
import { reasonById } from '../../src/reasons/reason-catalogue.ts';
import { type CollectingServer, startCollectingServer } from '../helpers/collecting-server.ts';
import { runHosted } from '../helpers/run-breakwatch.ts';
import { CALLBACK_KEY, PUSH_KEY } from '../helpers/signed-callback.ts';
import { type CallbackCase, FIELD_CASES, fillBody, fillUrl } from './field-cases.ts';

const { texts, urls, callbacks, commands } = FIELD_CASES;
const TOKEN = 'open-sesame-0123456789';
const NOW = Date.now();

/** Categories of the reasons among the alternates. */
function categoriesOf(alternates: readonly Alternate[]): (string | undefined)[] {
  return alternates
    .filter(({ kind }) => kind === 'reason')
    .map(({ id }) => reasonById(id)?.category);
}

async function diagnose(lines: readonly object[]) {
  const input = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const { output } = await runHosted(['diagnose'], { input });
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

it('covers every case that was collected', () => {
  const ids = Object.values(FIELD_CASES).flatMap((cases) => cases.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(124);
});

describe('reason texts', () => {
  let answers: Record<string, unknown>[];
  beforeAll(async () => {
    answers = await diagnose(texts.map(({ text }) => ({ reasonText: text })));
  });

  it.each(texts.map((one, index) => ({ ...one, index })))(
    '$id: $text',
    ({ reason, code, index }) => {
      expect(answers[index]).toMatchObject({ reason });
      const codes = reasonById(reason)?.codes.map(({ errcode, subErrcode }) =>
        subErrcode ? `${errcode}/${subErrcode}` : String(errcode),
      );
      expect(codes).toContain(code);
    },
  );
});

describe('push URLs', () => {
  it.each(urls)('$id: $url', async ({ url, expect: wanted }) => {
    const { output, errors } = await runHosted(['url', 'check', '-', '--json'], {
      input: fillUrl(url, PUSH_KEY, NOW),
      environment: { BREAKWATCH_PUSH_KEY: PUSH_KEY },
    });
    const check = output ? JSON.parse(output) : undefined;
    const refusals = check?.refusals.map(({ code }: { code: string }) => code);
    if (wanted.verdict) {
      expect(check.verdict).toBe(wanted.verdict);
    }
    if (wanted.refusals) {
      expect(refusals).toEqual(wanted.refusals);
    }
    if (wanted.neverRefuses) {
      expect(refusals).not.toContain(wanted.neverRefuses);
    }
    if (wanted.says) {
      const said = [
        errors,
        ...(check?.refusals ?? []).map(({ problem }: { problem: string }) => problem),
        ...(check?.warnings ?? []).map(({ text }: { text: string }) => text),
      ];
      expect(said.join('\n')).toMatch(new RegExp(wanted.says));
    }
  });
});

describe('callbacks', () => {
  let collecting: CollectingServer;
  const accountOf = ({ id }: { id: string }) => id.toLowerCase();

  beforeAll(async () => {
    // Each case has an account of its own.
    collecting = await startCollectingServer(callbacks.map(accountOf), {
      pushDomain: 'push.example.com',
      token: TOKEN,
    });
  });
  afterAll(() => collecting?.stop());

  async function get(path: string): Promise<Response> {
    return fetch(`${collecting.server.url}${path}`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
  }

  async function play(given: CallbackCase) {
    const address = `${collecting.server.url}/callbacks/css/${accountOf(given)}`;
    const sent = given.form
      ? [{ body: given.form, headers: { 'content-type': 'application/x-www-form-urlencoded' } }]
      : (given.bodies ?? []).map((body) => ({
          body: JSON.stringify(fillBody(body, CALLBACK_KEY, NOW)),
        }));
    const answers: { status: number; answer: Record<string, unknown> }[] = [];
    for (const request of sent) {
      const response = await fetch(address, { method: 'POST', ...request });
      answers.push({ status: response.status, answer: await response.json() });
    }
    await collecting.engine.idle();
    return answers.at(-1) as (typeof answers)[number];
  }

  async function breaksOf(given: CallbackCase, lang = 'en'): Promise<ShownBreak[]> {
    const answer = await get(`/api/v1/breaks?account=${accountOf(given)}&lang=${lang}`);
    return ((await answer.json()) as { breaks: ShownBreak[] }).breaks;
  }

  it.each(callbacks)('$id: $source', async (given) => {
    const { expect: wanted } = given;
    const { status, answer } = await play(given);
    expect(status).toBe(wanted.status);
    if (wanted.error) {
      const { code, message, remedy } = answer.error as Record<string, string>;
      expect(code).toBe(wanted.error);
      expect(`${message} ${remedy}`).toMatch(new RegExp(wanted.says ?? '', 's'));
      return;
    }
    const [last, ...others] = await breaksOf(given);
    if (wanted.type) {
      expect(await (await get('/metrics')).text()).toContain(
        `breakwatch_callback_types_total{account="${accountOf(given)}",type="${wanted.type}"} 1\n`,
      );
      expect(last).toBeUndefined();
    }
    if (wanted.break) {
      expect(last).toMatchObject(wanted.break);
    }
    if (wanted.never) {
      expect([last, ...others].map((one) => one?.diagnosis.rule)).not.toContain(wanted.never);
      expect(last).toBeDefined();
    }
    if (wanted.alternateCategories) {
      expect(categoriesOf(last?.diagnosis.alternates ?? [])).toEqual(
        expect.arrayContaining(wanted.alternateCategories),
      );
    }
    if (wanted.startsAtBegin) {
      const { event_time } = fillBody(given.bodies?.[0] ?? {}, CALLBACK_KEY, NOW);
      expect(last?.startedAt).toBe(Number(event_time) * 1_000);
    }
    if (wanted.neverSays) {
      for (const language of LANGUAGES) {
        const [shown] = await breaksOf(given, language);
        const words = [shown?.diagnosis.cause, ...(shown?.diagnosis.fix ?? [])].join('\n');
        expect(words).not.toMatch(new RegExp(wanted.neverSays, 'i'));
      }
    }
    if (wanted.exceptions) {
      expect(readPushExceptions(given.bodies?.[0] ?? {})).toMatchObject(wanted.exceptions);
    }
  });
});

describe('commands', () => {
  const of = (command: string) => commands.filter((one) => one.command === command);

  it.each(of('diagnose'))('$id: diagnose $line', async (given) => {
    const [answer] = await diagnose([given.line ?? {}]);
    expect(answer).toMatchObject(given.expect);
    expect(JSON.stringify(answer)).toMatch(new RegExp(given.says ?? ''));
    expect(categoriesOf(answer.alternates ?? [])).toEqual(
      expect.arrayContaining(given.alternateCategories ?? []),
    );
  });

  it.each(of('explain-code'))('$id: explain-code $code', async (given) => {
    const { output } = await runHosted(['explain-code', given.code ?? '', '--json']);
    const [answer] = JSON.parse(output || '[null]');
    expect(answer).toMatchObject(given.expect);
    expect(`${answer.title} ${answer.cause}`).toMatch(new RegExp(given.says ?? '', 'i'));
  });

  it.each(of('import'))('$id: import', async (given) => {
    const folder = await mkdtemp(join(tmpdir(), 'breakwatch-field-'));
    const iso = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;
    const event = {
      AppName: 'live',
      DomainName: 'push.example.com',
      StreamName: 'shop-1',
      StreamStartTime: iso(NOW - 7_200_000),
      StreamEndTime: iso(NOW - 3_600_000),
      StopReason: '推流链路网络异常',
      Duration: 3_600,
      ClientIp: '203.0.113.9',
    };
    const text = (given.file ?? '')
      .replace('{event}', JSON.stringify(event))
      .replace('{start}', event.StreamStartTime)
      .replace('{end}', event.StreamEndTime);
    const isJson = text.startsWith('{');
    const files = isJson ? [text, JSON.stringify(JSON.parse(text), null, 4)] : [text];
    for (const [index, content] of files.entries()) {
      const file = join(folder, `given-${index}`);
      await writeFile(file, content);
      const { output, errors } = await runHosted(['import', file, '--json'], {
        environment: { BREAKWATCH_DATA: join(folder, `data-${index}`) },
      });
      // A table has columns of which nothing is known.
      expect(errors).toMatch(isJson ? /^$/ : /^(Columns that are not imported: .+\.\n)?$/);
      expect(JSON.parse(output)).toMatchObject(given.expect);
    }
    await rm(folder, { recursive: true });
  });
});
