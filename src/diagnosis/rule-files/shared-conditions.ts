import { Ajv, type ValidateFunction } from 'ajv';
import { withMeant } from '../../model/errors.ts';
import { isObject } from '../../model/is-object.ts';
import { MAX_DEPTH, MAX_NODES } from '../compile/parse-conditions.ts';
import type { ConditionGroup, RuleProblem } from '../rule.ts';
import { buildConditionsSchema } from './build-rule-schema.ts';
import { explainComparisonsOf } from './explain-comparison.ts';
import { explainSchemaError } from './explain-schema-error.ts';
import { JsonSyntaxError, type LocatedJson, parseJson, pointerStep } from './parse-json.ts';
import { findConditionFiles, readFiles } from './read-rule-files.ts';

type Json = Record<string, unknown>;

/** A condition that the rules of a folder share. */
interface SharedCondition {
  /** Null when it has a mistake, which is reported at its own place. */
  group: ConditionGroup | null;
  file: string;
}

/** The shared conditions of one folder, by name. */
export type SharedConditionsOf = ReadonlyMap<string, SharedCondition>;

/** A reference that cannot be expanded. */
export interface SharedMistake {
  pointer: string;
  message: string;
}

/**
 * Replaces each `{"condition": name}` by the shared condition, with the priority and name of the reference. It stops
 * at `MAX_NODES` conditions and at `MAX_DEPTH` references within each other, because a few lines that name each other
 * can stand for millions.
 *
 * @param pointer - where the conditions are
 * @param within - names that are being replaced, the outermost first
 */
export function expandShared(
  condition: unknown,
  shared: SharedConditionsOf,
  pointer: string,
  within: readonly string[] = [],
): { expanded: unknown; mistakes: SharedMistake[] } {
  const mistakes: SharedMistake[] = [];
  let nodes = 0;
  let isFull = false;

  /** Why a reference cannot be replaced. */
  function problemOf(name: string, names: readonly string[]): string | undefined {
    const found = shared.get(name);
    if (!found) {
      const known = [...shared.keys()];
      const others = known.length > 0 ? `it has: ${known.join(', ')}` : 'it has none';
      const problem = `there is no shared condition "${name}" in the folder conditions; ${others}`;
      return withMeant(problem, name, known);
    }
    if (names.includes(name)) {
      return `shared conditions refer to each other in a circle: ${[...names, name].join(' → ')}`;
    }
    if (!found.group) {
      return `the shared condition "${name}" has a mistake in ${found.file}`;
    }
    if (nodes > MAX_NODES) {
      return `with its shared conditions, this has more than ${MAX_NODES} conditions`;
    }
    return names.length > MAX_DEPTH
      ? `shared conditions are nested deeper than ${MAX_DEPTH}`
      : undefined;
  }

  /** @param outer - where the outermost reference is, for a part of a shared condition */
  function expand(part: unknown, at: string, names: readonly string[], outer?: string): unknown {
    if (Array.isArray(part)) {
      return part.map((one, index) => expand(one, `${at}/${index}`, names, outer));
    }
    if (isFull || !isObject(part)) {
      return part;
    }
    nodes += 1;
    const { condition: name, ...placing } = part;
    if (typeof name !== 'string') {
      const joins = Object.entries(part).map(([key, value]): [string, unknown] => [
        key,
        ['all', 'any', 'not'].includes(key) ? expand(value, `${at}/${key}`, names, outer) : value,
      ]);
      return Object.fromEntries(joins);
    }
    const problem = problemOf(name, names);
    if (problem !== undefined) {
      isFull = nodes > MAX_NODES;
      mistakes.push({ pointer: outer ?? `${at}/condition`, message: problem });
      return part;
    }
    const inner = expand(shared.get(name)?.group, at, [...names, name], outer ?? at);
    return { ...(inner as Json), ...placing };
  }

  return { expanded: expand(condition, pointer, within), mistakes };
}

let compiled: ValidateFunction<Json> | undefined;

/** Finds the mistakes in a file of shared conditions. */
function mistakesOf(document: LocatedJson): { line: number; column: number; message: string }[] {
  compiled ??= new Ajv({ strict: false, verbose: true }).compile<Json>(buildConditionsSchema());
  if (compiled(document.value)) {
    return [];
  }
  const compared = Object.keys(isObject(document.value) ? document.value : {}).flatMap((name) =>
    explainComparisonsOf(document, pointerStep(name)),
  );
  const [error] = compiled.errors ?? [];
  return compared.length > 0 || !error ? compared : [explainSchemaError(error, document)];
}

/**
 * Reads the shared conditions of a folder: the files of `conditions`, each an object of conditions by name.
 * A name with a mistake stays known, so that only one place reports it.
 */
export async function readSharedConditions(
  folder: string,
): Promise<{ shared: SharedConditionsOf; problems: RuleProblem[] }> {
  const shared = new Map<string, SharedCondition>();
  const problems: RuleProblem[] = [];
  const documents: [path: string, groups: [string, unknown][], LocatedJson][] = [];
  for (const source of await readFiles(await findConditionFiles(folder))) {
    const { path, file } = source;
    if ('problem' in source) {
      problems.push(source.problem);
      continue;
    }
    try {
      const document = parseJson(source.text.replace(/^\ufeff/, ''));
      const mistakes = mistakesOf(document);
      problems.push(...mistakes.map((mistake) => ({ file: path, ...mistake })));
      const groups = Object.entries(isObject(document.value) ? document.value : {});
      for (const [name, group] of groups) {
        const same = shared.get(name);
        if (name === '$schema') {
          continue;
        }
        if (same) {
          const message = `the shared condition "${name}" is in ${same.file} too`;
          problems.push({ file: path, ...document.placeOfKey(pointerStep(name)), message });
        } else {
          shared.set(name, { group: mistakes.length > 0 ? null : (group as ConditionGroup), file });
        }
      }
      documents.push([path, groups, document]);
    } catch (thrown) {
      if (!(thrown instanceof JsonSyntaxError)) {
        throw thrown;
      }
      problems.push({ file: path, ...thrown.place, message: thrown.message });
    }
  }
  for (const [path, groups, document] of documents) {
    for (const [name, group] of groups) {
      const { mistakes } = expandShared(group, shared, pointerStep(name), [name]);
      for (const { pointer, message } of mistakes) {
        problems.push({ file: path, ...document.placeOf(pointer), message });
      }
    }
  }
  return { shared, problems };
}
