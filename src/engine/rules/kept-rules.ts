import { createHash } from 'node:crypto';
import type { LoadedRule, RuleSet } from '../../diagnosis/rule.ts';
import { createDiagnoser, textsOf } from '../../diagnosis/run/index.ts';
import type { Store } from '../../store/store.ts';
import { keyOfRule } from './rules-change.ts';

/** Name of the stored state with the rules that were accepted last. */
const RULES = 'rules-in-force';
/** Name of the stored state that says since when they are in force. */
const SINCE = 'rules-in-force-since';
/**
 * Rules are stored in this many parts. An edit writes one of them, and no text of megabytes for each of 10,000 rules is
 * in memory at once.
 */
const PARTS = 16;

interface Since {
  hash: string;
  /** Epoch ms UTC. */
  since: number;
}

/** One part. It is in one of two states; the other one takes its next content, so that a crash leaves the last set whole. */
interface KeptPart {
  /** Changes with its rules. */
  key: string;
  side: 'a' | 'b';
}

/** The rules that were accepted last, without the rules themselves. */
interface KeptRules extends Omit<RuleSet, 'rules'> {
  parts: KeptPart[];
}

/** As versions without parts stored them. */
interface WholeRules {
  rules: RuleSet;
  since: number | null;
}

/** What is known of the rules that were in force last without reading them. */
export interface LastRules {
  hash: string;
  /** Since when, epoch ms UTC; null when the server stopped before they were in force. */
  since: number | null;
}

type Kept = KeptRules | WholeRules | undefined;

function nameOfPart(place: number, { side }: Pick<KeptPart, 'side'>): string {
  return `${RULES}/${place}${side}`;
}

/**
 * Reads which rules were in force last.
 *
 * @returns null when there are none
 * @throws `STORE_FAILED`
 */
export async function readLastRules(store: Pick<Store, 'getState'>): Promise<LastRules | null> {
  const kept = (await store.getState(RULES)) as Kept;
  if (!kept) {
    return null;
  }
  const { hash, since } =
    'parts' in kept ? { hash: kept.hash, since: null } : { ...kept, hash: kept.rules.hash };
  const inForce = (await store.getState(SINCE)) as Since | undefined;
  return { hash, since: inForce?.hash === hash ? inForce.since : since };
}

/**
 * Reads the rules that were in force last.
 *
 * @returns null when there are none, or when this version cannot run them
 * @throws `STORE_FAILED`
 */
export async function readKeptRules(store: Pick<Store, 'getState'>): Promise<RuleSet | null> {
  const kept = (await store.getState(RULES)) as Kept;
  const set = kept && ('parts' in kept ? await readParts(store, kept) : kept.rules);
  try {
    if (set) {
      createDiagnoser(set);
    }
    return set ?? null;
  } catch {
    return null;
  }
}

async function readParts(
  store: Pick<Store, 'getState'>,
  { parts, ...set }: KeptRules,
): Promise<RuleSet | undefined> {
  const rules: LoadedRule[] = [];
  for (const [place, part] of parts.entries()) {
    const read = (await store.getState(nameOfPart(place, part))) as LoadedRule[] | undefined;
    if (!read) {
      return undefined;
    }
    rules.push(...read);
  }
  return { ...set, rules: rules.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

/**
 * Stores accepted rules for the next start, and their texts before the first verdict refers to them. Only parts that
 * changed since the last set are written.
 *
 * @param added - those whose texts are not stored yet
 * @throws `STORE_FAILED`
 */
export async function keepRules(
  store: Pick<Store, 'putRuleTexts' | 'getState' | 'setState'>,
  { rules, ...set }: RuleSet,
  added: readonly LoadedRule[] = rules,
): Promise<void> {
  await store.putRuleTexts(textsOf({ ...set, rules: [...added] }));
  const before = (await store.getState(RULES)) as Kept;
  const known = before && 'parts' in before ? before.parts : [];
  const parts: KeptPart[] = [];
  for (const [place, content] of split(rules).entries()) {
    const key = hashOf(content.map(keyOfRule).join('\n'));
    const last = known[place];
    if (last?.key === key) {
      parts.push(last);
      continue;
    }
    const part: KeptPart = { key, side: last?.side === 'a' ? 'b' : 'a' };
    await store.setState(nameOfPart(place, part), content);
    parts.push(part);
  }
  await store.setState(RULES, { ...set, parts } satisfies KeptRules);
}

/** Divides rules by their ids, so that a new rule moves no other one. */
function split(rules: readonly LoadedRule[]): LoadedRule[][] {
  const parts: LoadedRule[][] = Array.from({ length: PARTS }, () => []);
  for (const rule of rules) {
    parts[Number.parseInt(hashOf(rule.id).slice(0, 4), 16) % PARTS]?.push(rule);
  }
  return parts;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Stores since when rules are in force. @throws `STORE_FAILED` */
export async function keepSince(store: Pick<Store, 'setState'>, since: Since): Promise<void> {
  await store.setState(SINCE, since);
}
