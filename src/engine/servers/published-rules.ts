import { setTimeout as wait } from 'node:timers/promises';
import type { RuleSet } from '../../diagnosis/rule.ts';
import { needsOf, type RuleNeeds, unknownNeeds } from '../../diagnosis/rule-needs.ts';
import type { AnswerError, BreakwatchError, Log } from '../../model/errors.ts';
import type { PublishedRulesHealth } from '../../model/health.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { LatestRevisions, RuleRevision, RuleRevisions } from '../../store/rule-revisions.ts';
import type { StoreServer } from '../../store/shared-store.ts';
import type { StartableEngine } from '../create-engine.ts';
import type { RulesPublication, RulesPublishRequest } from '../engine.ts';
import { compareSets } from '../rules/compare-sets.ts';
import { readNote, type WaitingNote } from './leader-note.ts';
import type { OwnRuleFiles } from './own-rule-files.ts';

/** How often it is looked what is published, ms. */
const LOOK_EVERY_MS = 1_000;
/** A server that was not heard of for this time, ms, is not waited for. */
const HEARD_WITHIN_MS = 15_000;
/** An answer waits so long until a revision is in force, ms. */
const ANSWER_WITHIN_MS = 8_000;

/** What this server uses while it leads. */
interface Leading {
  engine: Pick<StartableEngine, 'rulesInForce' | 'replaceRules'>;
  /** Those of its store, which may write. */
  revisions: RuleRevisions;
}

/** What {@link PublishedRules} needs. */
interface PublishedRulesOptions {
  revisions: RuleRevisions;
  files: OwnRuleFiles;
  /** Name of this server. */
  name: string;
  servers: () => readonly StoreServer[];
  /** The rules that this server uses. */
  inForce: () => RuleSet;
  /** Undefined while another server leads. */
  leading: () => Leading | undefined;
  log: Log;
  onError: (error: BreakwatchError) => void;
}

const NOTHING: LatestRevisions = { inForce: null, waiting: null };

/**
 * Keeps the published revision of the rules in force. A server never publishes by itself, with one exception: the first
 * leader of a database without a revision publishes the rules that it uses. A revision waits until each server can run it.
 */
export class PublishedRules {
  readonly #options: PublishedRulesOptions;
  readonly #closed = new AbortController();
  #latest: LatestRevisions = NOTHING;
  #logged = '';
  readonly #running: Promise<void>;

  constructor(options: PublishedRulesOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** What other servers see of a revision that waits. */
  note(): WaitingNote | undefined {
    const { waiting } = this.#latest;
    return waiting
      ? { revision: waiting.revision, missing: unknownNeeds(waiting.needs as RuleNeeds) }
      : undefined;
  }

  /** Why the rules in the folders of this server are not in force; null when they are. */
  get difference(): AnswerError | null {
    const { files } = this.#options;
    const { inForce, waiting } = this.#latest;
    if (files.error || !files.set || !inForce) {
      return files.error?.toAnswer() ?? null;
    }
    const { hash } = files.set;
    if (hash === inForce.hash || hash === waiting?.hash) {
      return null;
    }
    const { revision, hash: published } = inForce;
    return maskedError('RULES_FILES_DIFFER', { files: hash, revision, published }).toAnswer();
  }

  get health(): PublishedRulesHealth | null {
    const { inForce, waiting } = this.#latest;
    return (
      inForce && {
        ...shown(inForce),
        waiting: waiting && { ...shown(waiting), waitsFor: this.#waitsFor(waiting) },
      }
    );
  }

  /** What is wrong with the published rules on all servers together. */
  get errors(): BreakwatchError[] {
    const { inForce, waiting } = this.#latest;
    const missing = inForce ? unknownNeeds(inForce.needs as RuleNeeds) : [];
    const [late] = waiting ? this.#waitsFor(waiting) : [];
    return [
      ...(inForce && missing.length > 0
        ? [
            maskedError('RULES_NEED_NEWER', {
              revision: inForce.revision,
              missing: missing.join(', '),
            }),
          ]
        : []),
      ...(waiting && late && Date.now() - waiting.publishedAt > ANSWER_WITHIN_MS
        ? [maskedError('RULES_WAIT', { revision: waiting.revision, ...late })]
        : []),
    ];
  }

  /**
   * Shows what publishing the rules of this server's folders would change, or publishes them.
   *
   * @throws `RULES_FILES_CHANGED`, `RULE_FILE_INVALID`, `RULE_TEST_FAILED`, `RULES_FOLDER_MISSING`, `STORE_*`
   */
  async publish({ hash, by }: RulesPublishRequest): Promise<RulesPublication> {
    const { files, revisions } = this.#options;
    const { set, error } = files;
    if (error || !set) {
      throw error ?? new Error('no rules were read');
    }
    if (hash !== undefined && hash !== set.hash) {
      throw maskedError('RULES_FILES_CHANGED', { files: set.hash, wanted: hash.slice(0, 64) });
    }
    this.#latest = await revisions.latest();
    const { inForce, waiting } = this.#latest;
    const answer = (state: RulesPublication['state'], revision: RuleRevision | null) => ({
      state,
      files: set.hash,
      count: set.rules.length,
      revision: revision?.revision ?? null,
      published: inForce && shown(inForce),
      ...difference,
      waitsFor: state === 'waiting' && revision ? this.#waitsFor(revision) : [],
    });
    const difference = compareSets(await this.#setOf(inForce), set);
    if (inForce?.hash === set.hash && !waiting) {
      return answer('same', inForce);
    }
    if (hash === undefined) {
      return answer('dry-run', null);
    }
    const revision =
      waiting?.hash === hash
        ? waiting
        : await revisions.add({ hash, by, needs: needsOf(set), rules: set });
    const until = performance.now() + ANSWER_WITHIN_MS;
    for (;;) {
      this.#latest = await revisions.latest();
      const now = this.#latest.inForce?.revision ?? 0;
      if (now >= revision.revision || performance.now() > until) {
        const state =
          now === revision.revision ? 'in-force' : now > revision.revision ? 'replaced' : 'waiting';
        return answer(state, revision);
      }
      await wait(LOOK_EVERY_MS / 2);
    }
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed;
    let lastError = '';
    while (!signal.aborted) {
      try {
        await this.#look();
        lastError = '';
      } catch (thrown) {
        const error = asBreakwatchError(thrown);
        // Another leader says that itself, and a database that is away is reported once.
        if (error.code !== 'DATABASE_OWNED' && error.message !== lastError) {
          lastError = error.message;
          this.#options.onError(error);
        }
      }
      await wait(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const leading = this.#options.leading();
    this.#latest = await this.#options.revisions.latest();
    this.#say();
    if (!leading) {
      return;
    }
    const { inForce, waiting } = this.#latest;
    if (inForce === null) {
      const set = leading.engine.rulesInForce();
      const by = 'the first server';
      await leading.revisions.addFirst({ hash: set.hash, by, needs: needsOf(set), rules: set });
      this.#latest = await leading.revisions.latest();
    } else if (waiting && this.#waitsFor(waiting).length === 0) {
      await leading.revisions.putInForce(waiting.revision);
      this.#latest = await leading.revisions.latest();
    }
    await this.#use(leading);
  }

  /** Puts the published revision in force at the engine that leads. */
  async #use({ engine, revisions }: Leading): Promise<void> {
    const { inForce } = this.#latest;
    if (
      !inForce ||
      inForce.hash === engine.rulesInForce().hash ||
      unknownNeeds(inForce.needs as RuleNeeds).length > 0
    ) {
      return;
    }
    const { files } = this.#options;
    const set =
      files.set?.hash === inForce.hash
        ? files.set
        : ((await revisions.read(inForce.revision)) as RuleSet | undefined);
    if (set) {
      await engine.replaceRules(set);
      const { revision, hash, by } = inForce;
      this.#options.log(
        'info',
        `rules in force: revision ${revision} (${hash}), published by ${by}`,
      );
    }
  }

  /** Says once what changed. */
  #say(): void {
    const { difference, errors } = this;
    const problems = [...(difference ? [difference] : []), ...errors.map((one) => one.toAnswer())];
    const lines = problems.map(
      ({ code, message, remedy }) => `rules: ${code}: ${message} ${remedy}`,
    );
    // What is wrong with the files says its reader.
    const said = this.#options.files.error ? lines.slice(1) : lines;
    if (said.join('\n') !== this.#logged) {
      this.#logged = said.join('\n');
      for (const line of said) {
        this.#options.log('warn', line);
      }
    }
  }

  /** The servers that do not know yet that they can run a revision, or that cannot. */
  #waitsFor({ revision, needs }: RuleRevision): { server: string; why: string }[] {
    return this.#options.servers().flatMap(({ name, seenAgoMs, note }) => {
      const told = readNote(note);
      if (!told || seenAgoMs > HEARD_WITHIN_MS) {
        return [];
      }
      const ready =
        name === this.#options.name
          ? { revision, missing: unknownNeeds(needs as RuleNeeds) }
          : told.waiting;
      const isReady = ready?.revision === revision && ready.missing.length === 0;
      const why =
        ready?.revision !== revision
          ? `has not looked at it; it is version ${told.version}`
          : `does not know ${ready.missing.join(', ')}`;
      return isReady ? [] : [{ server: name, why }];
    });
  }

  async #setOf(revision: RuleRevision | null): Promise<RuleSet> {
    const used = this.#options.inForce();
    return revision === null || revision.hash === used.hash
      ? used
      : (((await this.#options.revisions.read(revision.revision)) as RuleSet | undefined) ?? used);
  }
}

function shown({ revision, hash, publishedAt, by }: RuleRevision) {
  return { revision, set: hash, publishedAt, by };
}
