/**
 * How long the dashboard Now takes to open in a running Grafana, and which part of it is ours: the time until Grafana's
 * page asks the first question, how many questions are asked in a row, and the time from the first question to the last
 * panel. Run:
 * `npm run -s bench -- now [--json] [--url http://127.0.0.1:3000] [--dashboard breakwatch] [--times 5]`, with
 * Chromium (`CHROMIUM` names it) and a Grafana that has the provisioned dashboards. `GRAFANA_ADMIN_USER` and
 * `GRAFANA_ADMIN_PASSWORD` are admin / admin when absent. The first visit fills the browser's cache and does not count.
 *
 * @module
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type BrowserContext, chromium, type Request } from 'playwright-core';
import { CHROMIUM_OPTIONS } from '../test/helpers/chromium-options.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    url: { type: 'string', default: 'http://127.0.0.1:3000' },
    dashboard: { type: 'string', default: 'breakwatch' },
    times: { type: 'string', default: '5' },
  },
});

/** All panels count as drawn when none has loaded for this time, ms. */
const QUIET_MS = 300;
const MAX_MS = 120_000;
const PANEL = '[data-testid^="data-testid Panel header"]';
const LOADING = '[aria-label="Panel loading bar"]';

/** A question to the data source. Times are ms since the visit began. */
interface Question {
  askedAt: number;
  answeredAt: number;
  bytes: number;
}

/** One visit of the dashboard; times in ms. */
interface Visit {
  untilFirstQuestion: number;
  questions: number;
  /** The longest chain of questions each of which was asked after the one before was answered. */
  inARow: number;
  kilobytes: number;
  fromFirstQuestionToLastAnswer: number;
  fromFirstQuestionToLastPanel: number;
  all: number;
}

function isQuestion(request: Request): boolean {
  return /\/api\/ds\/query|\/api\/datasources\/uid\/[^/]+\/resources\//.test(request.url());
}

function longestChain(questions: readonly Question[]): number {
  const lengths: number[] = [];
  for (const [index, { askedAt }] of questions.entries()) {
    const before = lengths.filter(
      (_length, earlier) => (questions[earlier]?.answeredAt ?? askedAt) <= askedAt,
    );
    lengths[index] = Math.max(0, ...before) + 1;
  }
  return Math.max(0, ...lengths);
}

async function visit(context: BrowserContext): Promise<Visit> {
  const page = await context.newPage();
  const questions = new Map<Request, Question>();
  const start = performance.now();
  const since = () => performance.now() - start;
  page.on('request', (request) => {
    if (isQuestion(request)) {
      questions.set(request, { askedAt: since(), answeredAt: Number.POSITIVE_INFINITY, bytes: 0 });
    }
  });
  page.on('requestfailed', (request) => questions.delete(request));
  page.on('requestfinished', async (request) => {
    const question = questions.get(request);
    if (question) {
      question.answeredAt = since();
      question.bytes = (await request.sizes()).responseBodySize;
    }
  });
  // Without a refresh meanwhile, which would ask again.
  await page.goto(`${values.url}/d/${values.dashboard}?from=now-1h&to=now&refresh=1d`, {
    waitUntil: 'commit',
  });
  let drawnAt = 0;
  for (;;) {
    const isDrawn = await page
      .evaluate(
        ([panel, loading]) =>
          document.querySelector(panel) !== null && document.querySelector(loading) === null,
        [PANEL, LOADING] as const,
      )
      // The page itself still loads.
      .catch(() => false);
    const isAnswered = [...questions.values()].every(({ answeredAt }) => answeredAt < since());
    if (!isDrawn || !isAnswered || questions.size === 0) {
      drawnAt = since();
    }
    if (since() - drawnAt > QUIET_MS) {
      break;
    }
    if (since() > MAX_MS) {
      throw new Error(`The panels still load after ${MAX_MS / 1_000} s.`);
    }
    await page.waitForTimeout(20);
  }
  await page.close();
  const asked = [...questions.values()].sort((a, b) => a.askedAt - b.askedAt);
  const first = Math.min(...asked.map(({ askedAt }) => askedAt));
  const last = Math.max(...asked.map(({ answeredAt }) => answeredAt));
  const end = Math.max(last, drawnAt);
  return {
    untilFirstQuestion: Math.round(first),
    questions: asked.length,
    inARow: longestChain(asked),
    kilobytes: Math.round(asked.reduce((sum, { bytes }) => sum + bytes, 0) / 1_024),
    fromFirstQuestionToLastAnswer: Math.round(last - first),
    fromFirstQuestionToLastPanel: Math.round(end - first),
    all: Math.round(end),
  };
}

const { GRAFANA_ADMIN_USER: user = 'admin', GRAFANA_ADMIN_PASSWORD: password = 'admin' } =
  process.env;
const browser = await chromium.launch(CHROMIUM_OPTIONS);
try {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 1_000 },
    extraHTTPHeaders: {
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
    },
  });
  await visit(context);
  const visits: Visit[] = [];
  for (let time = 0; time < Number(values.times); time++) {
    visits.push(await visit(context));
  }
  const load = loadavg().map((one) => Number(one.toFixed(1)));
  if (values.json) {
    console.log(JSON.stringify({ load, visits }));
  } else {
    const median = (of: (one: Visit) => number) =>
      visits.map(of).sort((a, b) => a - b)[Math.floor(visits.length / 2)];
    const rows: [string, (one: Visit) => number][] = [
      ['until the first question, ms (Grafana alone)', (one) => one.untilFirstQuestion],
      ['questions', (one) => one.questions],
      ['questions in a row', (one) => one.inARow],
      ['answers, KB', (one) => one.kilobytes],
      ['first question to last answer, ms', (one) => one.fromFirstQuestionToLastAnswer],
      ['first question to last panel, ms', (one) => one.fromFirstQuestionToLastPanel],
      ['click to last panel, ms', (one) => one.all],
    ];
    console.log(`load ${load.join(' ')}\n\n| Now | median | each visit |\n|---|---|---|`);
    for (const [name, of] of rows) {
      console.log(`| ${name} | ${median(of)} | ${visits.map(of).join(', ')} |`);
    }
  }
} finally {
  await browser.close();
}
