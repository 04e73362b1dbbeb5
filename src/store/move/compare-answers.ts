import { randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { FilterName, Filters, GroupBy, SeriesMeasure } from '../../model/query.ts';
import type { Category } from '../../model/vocabulary.ts';
import type { Database } from '../postgres/database.ts';
import { createReads } from '../postgres/reads.ts';
import { earlierOf, recordOf } from '../rows/break-row.ts';
import { readerOf } from '../rows/find-records.ts';
import { documentOf, entryOf, pushOf, ruleTextsOf } from '../rows/plain-rows.ts';
import type { DocumentSearch, NearbyRequest, TimeRange } from '../store.ts';
import { type SourceFolder, sourceReads } from './source-folder.ts';

/** How many questions are asked. */
const QUESTIONS = 1_000;
const HOUR_MS = 3_600_000;
/** Differences that are described. */
const MAX_DESCRIBED = 3;

type SourceReads = ReturnType<typeof sourceReads>;
type TargetReads = ReturnType<typeof createReads>;

/** A question to both sides. */
interface Question {
  /** Names it to people. */
  text: string;
  ofSource: () => unknown;
  ofTarget: () => Promise<unknown>;
}

/** A break that a question is about. */
interface Sample {
  id: string;
  account: string;
  domain: string;
  app: string;
  stream: string;
  node: string | null;
  clientIp: string | null;
  reason: string;
  category: Category;
  endedAt: number;
}

type SampleRow = [
  ...[string, string, string, string, string],
  ...[string | null, string | null, string, Category, number],
];

const pick = <T>(list: readonly T[]): T => list[randomInt(list.length)] as T;

/** Makes questions about what a folder has. */
class Questions {
  readonly #source: SourceFolder;
  readonly #reads: SourceReads;
  readonly #target: TargetReads;
  readonly #now = Date.now();

  constructor(source: SourceFolder, target: TargetReads) {
    this.#source = source;
    this.#reads = sourceReads(source);
    this.#target = target;
  }

  /** A question of a random kind; undefined when the folder has nothing that the kind asks about. */
  next(): Question | undefined {
    const kind = randomInt(100);
    if (kind < 15) {
      return this.#entries();
    }
    if (kind < 25) {
      return this.#documents();
    }
    if (kind < 30) {
      return this.#state();
    }
    const sample = this.#sample();
    return sample && this.#ofBreak(kind, sample);
  }

  #ofBreak(kind: number, sample: Sample): Question {
    if (kind < 45) {
      return this.#break(sample);
    }
    if (kind < 60) {
      return this.#stream(sample);
    }
    if (kind < 80) {
      return this.#list(sample);
    }
    if (kind < 90) {
      return this.#series(sample);
    }
    return kind < 95 ? this.#values(sample) : this.#nearby(sample);
  }

  #sample(): Sample | undefined {
    const { database } = this.#source;
    const [first, last] = database.row<[number | null, number | null]>(
      'SELECT min(n), max(n) FROM breaks',
    ) ?? [null, null];
    if (first === null || last === null) {
      return undefined;
    }
    const row = database.row<SampleRow>(
      `SELECT b.id, c.account, c.domain, c.app, b.stream, b.node, b.client_ip, c.reason, c.category,
         b.ended_at
       FROM breaks b JOIN cells c ON c.cell = b.cell WHERE b.n >= ? ORDER BY b.n LIMIT 1`,
      randomInt(first, last + 1),
    );
    if (row === undefined) {
      return undefined;
    }
    const [id, account, domain, app, stream, node, clientIp, reason, category, endedAt] = row;
    return { id, account, domain, app, stream, node, clientIp, reason, category, endedAt };
  }

  /** Some hours around a moment, not on the hour. */
  #around(at: number): TimeRange {
    return { from: at - randomInt(12 * HOUR_MS), to: at + 1 + randomInt(12 * HOUR_MS) };
  }

  #filters({ account, domain, stream, node, clientIp, reason, category }: Sample): Filters {
    return pick<Filters>([
      {},
      { category: [category] },
      { domain: [domain], reason: [reason] },
      { account: [account], stream: [stream] },
      { outcome: ['broken', 'refused'] },
      ...(node === null ? [] : [{ node: [node] }]),
      ...(clientIp === null ? [] : [{ clientIp: [clientIp] }]),
    ]);
  }

  #entries(): Question | undefined {
    const [first, last] = this.#source.journal.row<[number | null, number | null]>(
      'SELECT min(seq), max(seq) FROM journal',
    ) ?? [null, null];
    if (first === null || last === null) {
      return undefined;
    }
    const after = randomInt(first - 1, last + 1);
    return {
      text: `the journal after ${after}`,
      ofSource: () => this.#reads.journal(after, 20).map(entryOf),
      ofTarget: () => this.#target.journal(after, 20),
    };
  }

  #documents(): Question | undefined {
    const { database } = this.#source;
    const count = database.row<[number]>('SELECT count(*) FROM documents')?.[0] ?? 0;
    const row =
      count === 0
        ? undefined
        : database.row<[string, string, number]>(
            'SELECT kind, id, at FROM documents LIMIT 1 OFFSET ?',
            randomInt(count),
          );
    if (row === undefined) {
      return undefined;
    }
    const [kind, id, at] = row;
    const range = this.#around(at);
    const search: DocumentSearch = {
      kind,
      limit: 50,
      ...pick([{ ids: [id] }, { range }, { overlaps: range }, { open: true }]),
    };
    return {
      text: `documents ${JSON.stringify(search)}`,
      ofSource: () => this.#reads.documents(search).map(documentOf),
      ofTarget: () => this.#target.findDocuments(search),
    };
  }

  #state(): Question | undefined {
    const names = this.#source.database.rows<[string]>('SELECT name FROM state');
    const hashes = this.#source.database.rows<[string]>('SELECT rule_hash FROM rule_texts');
    const all = [
      ...names.map(([name]) => ({ name })),
      ...hashes.map(([hash]) => ({ hash })),
    ] as const;
    if (all.length === 0) {
      return undefined;
    }
    const one = pick<{ name: string } | { hash: string }>(all);
    if ('hash' in one) {
      return {
        text: `the texts of the rule ${one.hash}`,
        ofSource: () => this.#reads.ruleTexts([one.hash]).map(ruleTextsOf),
        ofTarget: () => this.#target.ruleTexts([one.hash]),
      };
    }
    return {
      text: `the state ${one.name}`,
      ofSource: () => JSON.parse(this.#reads.getState(one.name) ?? 'null'),
      ofTarget: () => this.#target.getState(one.name),
    };
  }

  #break({ id }: Sample): Question {
    return {
      text: `the break ${id}`,
      ofSource: () => {
        const row = this.#reads.breakById(id);
        return [row && recordOf(row), this.#reads.earlierVerdicts(id).map(earlierOf)];
      },
      ofTarget: async () => [
        await this.#target.breakById(id),
        await this.#target.earlierVerdicts(id),
      ],
    };
  }

  #stream({ account, domain, app, stream, endedAt }: Sample): Question {
    const key = { account, domain, app, stream };
    const range = this.#around(endedAt);
    const whole = { from: range.from - 24 * HOUR_MS, to: range.to };
    return {
      text: `breaks and pushes of ${stream} ${JSON.stringify(range)}`,
      ofSource: () => [
        this.#reads.breaksOfStream(key, range, { first: 50 }).map(recordOf),
        this.#reads.endsOfStream(key, range),
        this.#reads.pushesOfStream(key, whole, { last: 50 }).map(pushOf),
      ],
      ofTarget: async () => [
        await this.#target.breaksOfStream(key, range, { first: 50 }),
        await this.#target.endsOfStream(key, range),
        await this.#target.pushesOfStream(key, whole, { last: 50 }),
      ],
    };
  }

  #list(sample: Sample): Question {
    const reading = pick([{}, { briefFacts: ['secondsLive'] }, { endsOnly: true } as const]);
    const search = {
      range: this.#around(sample.endedAt),
      filters: this.#filters(sample),
      limit: 50,
      by: pick(['ended', 'overlap'] as const),
      ...reading,
    };
    return {
      text: `breaks ${JSON.stringify(search)}`,
      ofSource: () => this.#reads.findBreaks(search).map(readerOf(search)),
      ofTarget: () => this.#target.findBreaks(search),
    };
  }

  #series(sample: Sample): Question {
    const search = {
      range: this.#around(sample.endedAt),
      filters: this.#filters(sample),
      groupBy: pick<GroupBy[]>([[], ['category'], ['domain', 'reason'], ['stream'], ['node']]),
      measure: pick<SeriesMeasure>(['count', 'rate', 'lostMinutes']),
      stepMs: pick([60_000, 900_000, HOUR_MS]),
      limit: 50,
      now: this.#now,
    };
    const plain = (groups: Awaited<ReturnType<TargetReads['series']>>) =>
      groups.map(({ labels, points }) => ({ labels, points: [...points] }));
    return {
      text: `series ${JSON.stringify(search)}`,
      ofSource: () => plain(this.#reads.series(search)),
      ofTarget: async () => plain(await this.#target.series(search)),
    };
  }

  #values({ endedAt }: Sample): Question {
    const name = pick<FilterName>(['domain', 'reason', 'rule', 'stream', 'node', 'clientIp']);
    const range = this.#around(endedAt);
    return {
      text: `values of ${name} ${JSON.stringify(range)}`,
      ofSource: () => this.#reads.values(name, range, 100),
      ofTarget: () => this.#target.values(name, range, 100),
    };
  }

  /** Counts alone: of breaks that ended at the same moment, either may be among the latest. */
  #nearby({ account, domain, reason, node, clientIp, endedAt }: Sample): Question {
    const request: NearbyRequest = {
      ...{ account, domain, reason, node, clientIp },
      before: endedAt + randomInt(HOUR_MS),
      windowMs: pick([300_000, HOUR_MS]),
    };
    type Counts = { breaksOfNode: number; breaksOfClientIp: number; breaksOfDomain: number };
    const plain = ([one]: readonly Counts[]) =>
      one && [one.breaksOfNode, one.breaksOfClientIp, one.breaksOfDomain];
    return {
      text: `breaks near ${JSON.stringify(request)}`,
      ofSource: () => plain(this.#reads.nearby([request])),
      ofTarget: async () => plain(await this.#target.nearby([request])),
    };
  }
}

/** An answer as plain data. PostgreSQL stores no NUL character, so another one stands for it on both sides. */
function comparable(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer ?? null), (_name, value) =>
    typeof value === 'string' ? value.replaceAll('\0', '\u{fffd}') : value,
  );
}

/**
 * Asks a data folder and the database into which it was copied the same random questions, about breaks, streams,
 * counts over time, the journal, documents and state.
 *
 * @param onProgress - called with the number of compared answers and of all
 * @returns how many were asked (none of an empty folder), how many differ, and the first of these
 */
export async function compareAnswers(
  source: SourceFolder,
  database: Database,
  onProgress: (answered: number, all: number) => void,
): Promise<{ answers: number; different: number; examples: string[] }> {
  const questions = new Questions(source, createReads(database));
  const examples: string[] = [];
  let answers = 0;
  let different = 0;
  for (let attempt = 0; answers < QUESTIONS && attempt < 5 * QUESTIONS; attempt++) {
    const question = questions.next();
    if (question !== undefined) {
      const expected = comparable(question.ofSource());
      const found = comparable(await question.ofTarget());
      if (!isDeepStrictEqual(found, expected)) {
        different += 1;
        examples.push(...(examples.length < MAX_DESCRIBED ? [question.text] : []));
      }
      answers += 1;
      onProgress(answers, QUESTIONS);
    }
  }
  return { answers, different, examples };
}
