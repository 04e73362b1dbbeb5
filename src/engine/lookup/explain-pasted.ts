import { EXPLAIN_LIMITS, type Explained, type ExplainedCause } from '../../contract/explain.ts';
import { readJsonRecords, readLines } from '../../css/import/index.ts';
import { checkPushUrl, type PushKey, tidyPushUrl } from '../../css/push-url/index.ts';
import type { RuleTestInput } from '../../diagnosis/rule.ts';
import { readTestInput } from '../../diagnosis/run/index.ts';
import type { AnswerError } from '../../model/errors.ts';
import { pickText } from '../../model/localized-text.ts';
import type { Language } from '../../model/vocabulary.ts';
import { type LookupEntry, lookUp, namedIn, readCodeAlone } from '../../reasons/lookup-code.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import { type CauseExplainer, causeOfApiError } from './explain-causes.ts';
import { isGivenFacts, type ReadEvent, readEventOrFacts } from './read-event.ts';

/** A code or text of CSS is much shorter, characters. */
const MAX_WORDS = 2_000;
/** Events are judged this long, ms. */
const MAX_JUDGE_MS = 3_000;
/** A push URL, or a WHIP endpoint with one, anywhere in a line: also behind `推流地址：`, without a space. */
const PUSH_URL = /(?:^|[^a-z0-9+.-])((?:rtmps?|webrtc|srt):\/\/[^\s"'`<>“”「」『』（）【】《》]+)/i;
/** Punctuation of the sentence around a URL. It is no part of one. */
const SENTENCE_END = /[。．，、；：！),.;:!]+$/u;
/** A line that is a URL of any protocol, also with a space in it, which is a mistake to name. */
const WHOLE_URL = /^[a-z][a-z0-9+.-]{1,15}:\/\/.*$|^(?:authorization:\s{0,8})?bearer\s/i;
/** The name of a field before a reason text, as in a line of an answer or of a table. */
const REASON_LABEL =
  /^["']?(?:stop ?reason|reason ?text|reason|errmsg|断流原因|原因|切断の?原因|중단 원인|원인)["']?\s{0,8}[:：=]\s{0,8}(?=\S)/i;

/** What explaining needs. */
export interface ExplainContext {
  causes: CauseExplainer;
  /** Push auth keys, to check a txSecret. */
  pushKeys: readonly PushKey[];
  /** Start of the push that a URL is checked for, epoch ms UTC. */
  now: number;
  language: Language;
}

/**
 * Explains what a person pasted: a code, an error of the API, a reason text, callback bodies, records or answers of the
 * event list, facts by name, or a push URL. The answer holds no secret of the text, and nothing of a text that is none
 * of these.
 */
export async function explainPasted(text: string, context: ExplainContext): Promise<Explained> {
  const pasted = text.replace(/^\ufeff/, '').trim();
  if (/^[[{]/.test(pasted)) {
    return explainEvents(pasted, context);
  }
  const tidy = tidyPushUrl(pasted);
  const url = WHOLE_URL.test(tidy) ? tidy : PUSH_URL.exec(pasted)?.[1];
  return url === undefined
    ? explainWords(pasted, context)
    : explainUrl(url.replace(SENTENCE_END, ''), context);
}

function answerOf(
  { causes: { set } }: ExplainContext,
  kind: Explained['kind'],
  answer: Partial<Explained> = {},
): Explained {
  const { causes = [], problems = [] } = answer;
  return {
    set: set.hash,
    kind,
    code: null,
    events: 0,
    complete: true,
    url: null,
    ...answer,
    causes: causes.slice(0, EXPLAIN_LIMITS.causes),
    totalCauses: causes.length,
    ...answerOfProblems(problems),
  };
}

function answerOfProblems(
  problems: Explained['problems'],
): Pick<Explained, 'problems' | 'totalProblems'> {
  return {
    problems: problems.slice(0, EXPLAIN_LIMITS.problems),
    totalProblems: problems.length,
  };
}

function problemOf(thrown: unknown, line = 1): { line: number; error: AnswerError } {
  return { line, error: asBreakwatchError(thrown).toAnswer() };
}

function isCallback(record: unknown): record is { event_type: unknown } {
  return typeof record === 'object' && record !== null && 'event_type' in record;
}

/** What kind of event a record is. */
function kindOfRecord(record: unknown): Explained['kind'] {
  return isCallback(record) ? 'callback' : isGivenFacts(record) ? 'facts' : 'record';
}

/** A callback of which nothing broke, so its code means nothing. */
function isOtherCallback(record: unknown): boolean {
  return isCallback(record) && String(record.event_type).trim() !== '0';
}

/** Judges each event, and gathers those with one cause. */
async function explainEvents(pasted: string, context: ExplainContext): Promise<Explained> {
  const { causes, pushKeys, language } = context;
  const deadline = performance.now() + MAX_JUDGE_MS;
  const found = new Map<string, ExplainedCause>();
  const problems: Explained['problems'] = [];
  let kind: Explained['kind'] = 'unknown';
  let events = 0;
  let hasCode = true;
  let complete = true;
  for await (const one of readJsonRecords(readLines(bytesOf(pasted)))) {
    if (performance.now() > deadline) {
      complete = false;
      break;
    }
    try {
      if ('error' in one) {
        problems.push(one);
        continue;
      }
      const event = readEventOrFacts(one.record, pushKeys);
      const diagnosis = await causes.diagnose(event);
      const key = `${diagnosis.rule.id} ${diagnosis.reason} ${event.facts.code}`;
      const known = found.get(key);
      if (known) {
        known.count += 1;
      } else {
        found.set(key, causes.ofDiagnosis(diagnosis, event, language));
      }
      kind = events === 0 ? kindOfRecord(one.record) : kind;
      events += 1;
    } catch (thrown) {
      problems.push(problemOf(thrown, one.line));
      if ('record' in one && isCallback(one.record)) {
        kind = 'callback';
        hasCode &&= !isOtherCallback(one.record);
      }
    }
  }
  if (events === 0) {
    // An error of the API, or a part of a callback.
    const words = hasCode ? await explainWords(pasted, context) : null;
    if (words === null || words.kind === 'unknown') {
      return answerOf(context, kind, { problems });
    }
    // Why a whole callback could not be read, beside what its code means.
    return kind === 'callback' ? { ...words, ...answerOfProblems(problems) } : words;
  }
  const sorted = [...found.values()].sort((a, b) => b.count - a.count);
  return answerOf(context, kind, { causes: sorted, events, complete, problems });
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function explainUrl(url: string, context: ExplainContext): Promise<Explained> {
  const { pushKeys, now, language } = context;
  try {
    const checked = checkPushUrl(url, { keys: pushKeys, at: now, language });
    const codes = [...new Set(checked.refusals.map(({ code }) => code))];
    // A txTime that cannot be read has not expired.
    const known = checked.expiresAt === null ? { txTimePresent: true, txTimeUnreadable: true } : {};
    const causes = await Promise.all(
      codes.map((code) => causesOfWords(code, context, code === '18/501' ? known : {})),
    );
    return answerOf(context, 'push-url', { url: checked, causes: causes.flat() });
  } catch (thrown) {
    return answerOf(context, 'push-url', { problems: [problemOf(thrown)] });
  }
}

async function explainWords(pasted: string, context: ExplainContext): Promise<Explained> {
  const words = maskSecrets(pasted.slice(0, MAX_WORDS))
    .replace(REASON_LABEL, '')
    .replace(/^["'“「](.*?)["'”」],?$/s, '$1');
  const named = namedIn(words);
  const causes = (await Promise.all(named.map((part) => causesOfWords(part, context)))).flat();
  if (causes.length === 0) {
    return answerOf(context, 'unknown');
  }
  const alone = named.length === 1 ? readCodeAlone(named[0] as string) : null;
  const isApi = causes[0]?.verdict === null;
  const kind = isApi ? 'api-error' : alone === null ? 'text' : 'code';
  return answerOf(context, kind, { causes, code: alone });
}

/** The causes of all meanings of a code or text without secrets, most likely first. */
async function causesOfWords(
  words: string,
  context: ExplainContext,
  known: RuleTestInput = {},
): Promise<ExplainedCause[]> {
  const { causes, language } = context;
  return Promise.all(
    lookUp(words).map(async (entry) => {
      const event = eventOfEntry(entry, words, known);
      if (event === null) {
        return causeOfApiError(entry, language);
      }
      const cause = causes.ofDiagnosis(await causes.diagnose(event), event, language);
      return { ...cause, code: entry.code, title: cause.title || pickText(entry.title, language) };
    }),
  );
}

/** An event of which only this meaning and these facts are known; null for an error of the API. */
function eventOfEntry(
  { kind, code, reason }: Pick<LookupEntry, 'kind' | 'code' | 'reason'>,
  words: string,
  known: RuleTestInput,
): ReadEvent | null {
  if (reason === null) {
    return null;
  }
  const byText = readTestInput({ text: words });
  if (byText.match.by === 'text') {
    // Each meaning of a text is as certain as the text.
    const { match } = byText;
    const all = [match.reason, ...match.alternates];
    return match.reason === reason
      ? byText
      : {
          facts: { reason, reasonText: words },
          match: { ...match, reason, code: null, alternates: all.filter((id) => id !== reason) },
        };
  }
  const [errcode, subErrcode] = code.split('/').map(Number);
  const given: RuleTestInput[] = [
    kind === 'bypass'
      ? { bypassCode: Number(code) }
      : { errcode: errcode ?? 0, ...(subErrcode === undefined ? {} : { subErrcode }), ...known },
    { reason },
  ];
  const events = given.map(readTestInput);
  return events.find(({ match }) => match.reason === reason) ?? (events.at(-1) as ReadEvent);
}
