import { LRUCache } from 'lru-cache';
import {
  type ApiCaller,
  createApiCaller,
  type ReadSample,
  readPushSamples,
  SAMPLES_KEPT_MS,
} from '../../css/api/index.ts';
import { readStreamState } from '../../css/api/stream-actions.ts';
import {
  pushExceptionKeys,
  type ReportedException,
  readPushExceptions,
} from '../../css/callbacks/index.ts';
import { derivePushParams } from '../../css/push-url/index.ts';
import type { BreakEvent } from '../../model/break.ts';
import { pickText } from '../../model/localized-text.ts';
import type { BreakEvidence } from '../../model/push.ts';
import type { Language } from '../../model/vocabulary.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { Store } from '../../store/store.ts';
import type { Account } from '../engine.ts';
import { concludeFromSamples, noFinding } from './evidence-conclusion.ts';
import { EXCEPTION_WORDS, sayFinding } from './evidence-sentence.ts';

/** Fetches what else CSS knows of a break, when somebody asks. */
export interface EvidenceSource {
  /**
   * What CSS measured in the minutes before a break, what it says of the stream now, and the push
   * exceptions that it told of. What was fetched is kept for a while. What can not be asked stands
   * among the problems, and the rest is answered.
   *
   * @throws `UNKNOWN_BREAK`, `EVIDENCE_LIMIT`, `STORE_FAILED`
   */
  of(breakId: string, language: Language): Promise<BreakEvidence>;
  /** Gives up kept connections. */
  close(): void;
}

/** What evidence is made of. */
export interface EvidenceOptions {
  store: Pick<Store, 'breakById' | 'entriesBetween'>;
  accounts: readonly Account[];
  /** The clock, epoch ms UTC. */
  now: () => number;
  /** Breaks of one account that may be asked for within a minute; 30 when absent. */
  maxPerMinute?: number;
}

/** So much before a break is looked at, in ms. */
export const EVIDENCE_WINDOW_MS = 5 * 60_000;
/** Times of break and samples come from two systems. */
const CLOCK_SLACK_MS = 5_000;
const MAX_EXCEPTIONS = 200;
/** An old break's samples do not change any more; those of a new one may still come in. */
const KEPT_MS = 15 * 60_000;
const KEPT_NEW_MS = 20_000;
const NEW_MS = 5 * 60_000;
const MAX_KEPT = 300;
const MINUTE_MS = 60_000;
const MAX_PER_MINUTE = 30;

type Fetched = Omit<BreakEvidence, 'sentence' | 'exceptions'> & {
  exceptions: ReportedException[];
};

interface Kept {
  until: number;
  fetched: Promise<Fetched>;
}

/** Makes a source of evidence. It connects at the first question. */
export function createEvidenceSource(options: EvidenceOptions): EvidenceSource {
  const { store, accounts, now, maxPerMinute = MAX_PER_MINUTE } = options;
  const callers = new Map<string, ApiCaller>();
  const kept = new LRUCache<string, Kept>({ max: MAX_KEPT });
  const asked = new Map<string, number[]>();

  function callerOf(account: Account): ApiCaller {
    let caller = callers.get(account.name);
    if (!caller) {
      const { name, site, endpoint, credentials } = account;
      caller = createApiCaller({
        account: name,
        site,
        ...(endpoint === undefined ? {} : { endpoint }),
        secretId: credentials?.secretId ?? '',
        secretKey: credentials?.secretKey ?? '',
        // Somebody waits for the answer.
        maxTries: 2,
      });
      callers.set(name, caller);
    }
    return caller;
  }

  /** Only what goes to CSS counts. @throws `EVIDENCE_LIMIT` */
  function checkRate(account: string): void {
    const at = now();
    const lately = (asked.get(account) ?? []).filter((then) => Math.abs(at - then) < MINUTE_MS);
    if (lately.length >= maxPerMinute) {
      throw maskedError('EVIDENCE_LIMIT', { account, count: lately.length });
    }
    asked.set(account, [...lately, at]);
  }

  async function exceptionsOf(event: BreakEvent): Promise<ReportedException[]> {
    const from = Math.max(event.startedAt ?? 0, event.endedAt - EVIDENCE_WINDOW_MS);
    const to = event.endedAt + CLOCK_SLACK_MS;
    const keys = pushExceptionKeys(event, from - CLOCK_SLACK_MS, to);
    const entries = await store.entriesBetween(event.account, 'callback', keys, MAX_EXCEPTIONS);
    return entries
      .flatMap(({ body }) => readPushExceptions(body))
      .sort((a, b) => a.at - b.at)
      .slice(-MAX_EXCEPTIONS);
  }

  async function fetchOf(event: BreakEvent): Promise<Fetched> {
    const { account: name, domain, app, stream, endedAt, id } = event;
    const account = accounts.find((one) => one.name === name);
    const fetched: Fetched = {
      breakId: id,
      account: name,
      domain,
      app,
      stream,
      endedAt,
      askedAt: now(),
      state: null,
      finding: noFinding(event.outcome === 'refused' ? 'refused' : 'none'),
      samples: [],
      push: null,
      exceptions: await exceptionsOf(event),
      problems: [],
    };
    const problem = (thrown: unknown) =>
      fetched.problems.push(asBreakwatchError(thrown).toAnswer());
    if (!account?.credentials?.secretId) {
      problem(maskedError('EVIDENCE_NO_KEY', { account: name }));
      return fetched;
    }
    checkRate(name);
    const caller = callerOf(account);
    const askState = async () => {
      fetched.state = await readStreamState(caller, { domain, app: app || 'live', stream });
    };
    const askSamples = async () => {
      // A refused push has none, and asking would show those of an earlier one.
      if (event.outcome === 'refused') {
        return;
      }
      const read = await samplesOf(event, caller, now());
      fetched.samples = read.map(({ sequence: _sequence, streamParam: _param, ...rest }) => rest);
      fetched.finding = concludeFromSamples(fetched.samples, endedAt);
      fetched.push = pushOf(event, read, account);
    };
    await Promise.all([askState().catch(problem), askSamples().catch(problem)]);
    return fetched;
  }

  function keep(id: string, event: BreakEvent): Promise<Fetched> {
    const known = kept.get(id);
    if (known && known.until > now()) {
      return known.fetched;
    }
    const fetched = fetchOf(event);
    const isNew = now() - event.endedAt < NEW_MS;
    kept.set(id, { until: now() + (isNew ? KEPT_NEW_MS : KEPT_MS), fetched });
    const forget = () => {
      if (kept.get(id)?.fetched === fetched) {
        kept.delete(id);
      }
    };
    // What failed is worth another question at once; the limit guards CSS.
    fetched.then(({ problems }) => problems.length > 0 && forget(), forget);
    return fetched;
  }

  return {
    async of(breakId, language) {
      const record = await store.breakById(breakId);
      if (!record) {
        throw maskedError('UNKNOWN_BREAK', { id: breakId.slice(0, 64) });
      }
      const { exceptions, ...fetched } = await keep(breakId, record.event);
      return {
        ...fetched,
        sentence: sayFinding(fetched.finding, language),
        exceptions: exceptions.map(({ said, type, ...rest }) => {
          const words = EXCEPTION_WORDS[type] ?? said;
          return { ...rest, type, text: words ? pickText(words, language) : `type ${type}` };
        }),
      };
    },

    close() {
      for (const caller of callers.values()) {
        caller.close();
      }
    },
  };
}

/** Samples of the push that broke. @throws `EVIDENCE_EXPIRED`, `CSS_*` */
async function samplesOf(event: BreakEvent, caller: ApiCaller, now: number): Promise<ReadSample[]> {
  const { account, domain, app, stream, startedAt, endedAt, sequence } = event;
  const begin = endedAt - EVIDENCE_WINDOW_MS;
  const from = Math.max(startedAt === null ? begin : startedAt - CLOCK_SLACK_MS, begin);
  if (from < now - SAMPLES_KEPT_MS + MINUTE_MS) {
    throw maskedError('EVIDENCE_EXPIRED', {
      days: SAMPLES_KEPT_MS / 86_400_000,
      endedAt: new Date(endedAt).toISOString(),
    });
  }
  const to = Math.min(endedAt + CLOCK_SLACK_MS, now);
  const all = await readPushSamples(caller, account, { domain, app, stream, from, to });
  // The stream may have had another push before, or have one again.
  const own = sequence ?? all.findLast(({ at }) => at <= endedAt)?.sequence ?? null;
  return all.filter(
    (sample) => own === null || sample.sequence === null || sample.sequence === own,
  );
}

/** The push URL's parameters, masked once all that is needed of them is derived. */
function pushOf(
  event: BreakEvent,
  samples: readonly ReadSample[],
  account: Account,
): Fetched['push'] {
  const params = samples.findLast(({ streamParam }) => streamParam !== null)?.streamParam;
  if (!params) {
    return null;
  }
  const facts = derivePushParams(params, event, account.pushKeys);
  const secrets = [...account.pushKeys.map(({ key }) => key), ...account.callbackKeys];
  return { params: maskSecrets(params, secrets), facts };
}
