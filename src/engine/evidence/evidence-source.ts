import { LRUCache } from 'lru-cache';
import {
  type ApiCaller,
  createApiCaller,
  readPushSamples,
  SAMPLES_KEPT_MS as SAMPLES_RETENTION_MS,
  type ReadSample as SampleRecord,
} from '../../css/api/index.ts';
import { readStreamState } from '../../css/api/stream-actions.ts';
import {
  pushExceptionKeys,
  type ReportedException,
  readPushExceptions,
} from '../../css/callbacks/index.ts';
import { derivePushParams } from '../../css/push-url/index.ts';
import type { BreakEvent, BreakRecord } from '../../model/break.ts';
import type { FactValue } from '../../model/facts.ts';
import { pickText } from '../../model/localized-text.ts';
import type { BreakEvidence } from '../../model/push.ts';
import type { Language } from '../../model/vocabulary.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { Store } from '../../store/store.ts';
import type { Account } from '../engine.ts';
import { concludeFromSamples, factsOfFinding, noFinding } from './evidence-conclusion.ts';
import { describeFinding, EXCEPTION_NAMES } from './evidence-sentence.ts';

/** Requests what else CSS knows about a break. */
export interface EvidenceSource {
  /**
   * Returns what CSS measured in the minutes before a break, the current state of the stream, and the
   * push exceptions that CSS reported. Results are cached for some time. A request that fails is listed in
   * `problems`, and the rest is returned.
   *
   * @throws `UNKNOWN_BREAK`, `EVIDENCE_LIMIT`, `STORE_FAILED`
   */
  of(breakId: string, language: Language): Promise<BreakEvidence>;
  /** Closes open connections. */
  close(): void;
}

/** The options of {@link createEvidenceSource}. */
export interface EvidenceOptions {
  store: Pick<Store, 'breakById' | 'entriesBetween'>;
  accounts: readonly Account[];
  /** The clock, epoch ms UTC. */
  now: () => number;
  /** Called with what the samples of a break showed, as facts, each time they are read from CSS. */
  onFinding?: (
    of: { id: string; rule: { id: string; hash: string } },
    facts: Record<string, FactValue>,
  ) => void;
  /** Maximum number of breaks per account and minute that are requested from CSS; 30 when absent. */
  maxPerMinute?: number;
}

/** Evidence covers this time before a break, ms. */
const EVIDENCE_WINDOW_MS = 5 * 60_000;
/** Tolerance, ms, because the times of break and samples come from two systems. */
const CLOCK_SLACK_MS = 5_000;
const MAX_EXCEPTIONS = 200;
/** How long results are cached, ms. Samples of a new break may still arrive, so those expire sooner. */
const CACHED_MS = 15 * 60_000;
const CACHED_NEW_MS = 20_000;
/** A break is new for this time, ms. */
const NEW_MS = 5 * 60_000;
const MAX_CACHED = 300;
const MINUTE_MS = 60_000;
const MAX_PER_MINUTE = 30;

type Fetched = Omit<BreakEvidence, 'sentence' | 'exceptions'> & {
  exceptions: ReportedException[];
};

interface CacheEntry {
  until: number;
  fetched: Promise<Fetched>;
}

/** Creates a source of evidence. It connects at the first request. */
export function createEvidenceSource(options: EvidenceOptions): EvidenceSource {
  const { store, accounts, now, maxPerMinute = MAX_PER_MINUTE } = options;
  const callers = new Map<string, ApiCaller>();
  const cache = new LRUCache<string, CacheEntry>({ max: MAX_CACHED });
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
        // A user waits for the answer.
        maxTries: 2,
      });
      callers.set(name, caller);
    }
    return caller;
  }

  /** Counts requests to CSS, not cached results. @throws `EVIDENCE_LIMIT` */
  function checkRate(account: string): void {
    const at = now();
    const recent = (asked.get(account) ?? []).filter((then) => Math.abs(at - then) < MINUTE_MS);
    if (recent.length >= maxPerMinute) {
      throw maskedError('EVIDENCE_LIMIT', { account, count: recent.length });
    }
    asked.set(account, [...recent, at]);
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

  async function fetchOf({ event, verdict }: BreakRecord): Promise<Fetched> {
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
      // A refused push has no samples. The request would return those of an earlier push.
      if (event.outcome === 'refused') {
        return;
      }
      const read = await samplesOf(event, caller, now());
      fetched.samples = read.map(withoutPush);
      fetched.finding = concludeFromSamples(fetched.samples, endedAt);
      fetched.push = pushOf(event, read, account);
      const facts = { ...factsOfFinding(fetched.finding), ...codecsOf(read) };
      options.onFinding?.({ id, rule: verdict.rule }, facts);
    };
    await Promise.all([askState().catch(problem), askSamples().catch(problem)]);
    return fetched;
  }

  function fetchCached(id: string, record: BreakRecord): Promise<Fetched> {
    const known = cache.get(id);
    if (known && known.until > now()) {
      return known.fetched;
    }
    const fetched = fetchOf(record);
    const isNew = now() - record.event.endedAt < NEW_MS;
    cache.set(id, { until: now() + (isNew ? CACHED_NEW_MS : CACHED_MS), fetched });
    const forget = () => {
      if (cache.get(id)?.fetched === fetched) {
        cache.delete(id);
      }
    };
    // Do not cache failures. The rate limit protects CSS.
    fetched.then(({ problems }) => problems.length > 0 && forget(), forget);
    return fetched;
  }

  return {
    async of(breakId, language) {
      const record = await store.breakById(breakId);
      if (!record) {
        throw maskedError('UNKNOWN_BREAK', { id: breakId.slice(0, 64) });
      }
      const { exceptions, ...fetched } = await fetchCached(breakId, record);
      return {
        ...fetched,
        sentence: describeFinding(fetched.finding, language),
        exceptions: exceptions.map(({ description: said, type, ...rest }) => {
          const words = EXCEPTION_NAMES[type] ?? said;
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

/** A sample without what identifies its push. */
function withoutPush({ at, videoFps, videoRate, audioFps, audioRate, lagMs }: SampleRecord) {
  return { at, videoFps, videoRate, audioFps, audioRate, lagMs };
}

/** The codecs of the last sample that tells them, as facts. */
function codecsOf(samples: readonly SampleRecord[]): Record<string, FactValue> {
  const last = samples.findLast(({ videoCodec, audioCodec }) => videoCodec || audioCodec);
  return {
    ...(last?.videoCodec && { videoCodec: last.videoCodec }),
    ...(last?.audioCodec && { audioCodec: last.audioCodec }),
  };
}

/** Reads the samples of the push that broke. @throws `EVIDENCE_EXPIRED`, `CSS_*` */
async function samplesOf(
  event: BreakEvent,
  caller: ApiCaller,
  now: number,
): Promise<SampleRecord[]> {
  const { account, domain, app, stream, startedAt, endedAt, sequence } = event;
  const begin = endedAt - EVIDENCE_WINDOW_MS;
  const from = Math.max(startedAt === null ? begin : startedAt - CLOCK_SLACK_MS, begin);
  if (from < now - SAMPLES_RETENTION_MS + MINUTE_MS) {
    throw maskedError('EVIDENCE_EXPIRED', {
      days: SAMPLES_RETENTION_MS / 86_400_000,
      endedAt: new Date(endedAt).toISOString(),
    });
  }
  const to = Math.min(endedAt + CLOCK_SLACK_MS, now);
  const all = await readPushSamples(caller, account, { domain, app, stream, from, to });
  // The stream may have had another push before or after this one.
  const own = sequence ?? all.findLast(({ at }) => at <= endedAt)?.sequence ?? null;
  return all.filter(
    (sample) => own === null || sample.sequence === null || sample.sequence === own,
  );
}

/** Returns the push URL's parameters, masked, and the facts derived from them before masking. */
function pushOf(
  event: BreakEvent,
  samples: readonly SampleRecord[],
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
