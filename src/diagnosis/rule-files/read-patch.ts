import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { LocalizedText } from '../../model/localized-text.ts';
import { contentOf, hashJson, type LoadedRule } from '../rule.ts';
import { buildPatchSchema } from './build-patch-schema.ts';
import { checkRuleText } from './check-rule.ts';
import { explainSchemaError } from './explain-schema-error.ts';
import { mergePatch } from './merge-patch.ts';
import { JsonSyntaxError, type LocatedJson, type Place, parseJson } from './parse-json.ts';

/** The content of a patch file. */
interface Patch {
  rule: string;
  /** Hash of the rule that it was written against. */
  against: string;
  patch: { event: { params: { cause?: Record<string, string | null> } } };
}

/** A mistake in a patch file, and its position. */
export interface PatchMistake extends Place {
  message: string;
}

/** A patch file that matches its schema. */
export interface ReadPatch extends Patch {
  document: LocatedJson;
}

let compiled: ValidateFunction<Patch> | undefined;

const ONLY = 'a patch changes only severity, alert, runbook, cause and fix';

function isOtherKey({ keyword, instancePath }: ErrorObject): boolean {
  return keyword === 'additionalProperties' && instancePath.startsWith('/patch');
}

/**
 * Reads the text of a patch file.
 *
 * @param source - a byte order mark is ignored
 */
export function readPatch(source: string): ReadPatch | { mistake: PatchMistake } {
  let document: LocatedJson;
  try {
    document = parseJson(source.replace(/^\ufeff/, ''));
  } catch (thrown) {
    if (thrown instanceof JsonSyntaxError) {
      return { mistake: { ...thrown.place, message: thrown.message } };
    }
    throw thrown;
  }
  compiled ??= new Ajv({ allErrors: true, strict: false, verbose: true }).compile<Patch>(
    buildPatchSchema(),
  );
  const value: unknown = document.value;
  if (compiled(value)) {
    return { ...value, document };
  }
  const errors = compiled.errors ?? [];
  // A key that no patch has explains more than one that is missing.
  const error = errors.find(isOtherKey) ?? errors.find(({ keyword }) => keyword !== 'if');
  if (!error) {
    return { mistake: { line: 1, column: 1, message: 'this is not a patch' } };
  }
  const { line, column, message } = explainSchemaError(error, document);
  const hint = isOtherKey(error) ? `; ${ONLY}; for more, copy the rule into your folder` : '';
  return { mistake: { line, column, message: `${message}${hint}` } };
}

/** Languages that keep their old words while another language gets new ones. */
function staleLanguages(base: LocalizedText, cause: Record<string, string | null>): string[] {
  return Object.values(cause).some((text) => typeof text === 'string')
    ? Object.keys(base).filter((language) => !Object.hasOwn(cause, language))
    : [];
}

/**
 * Applies a patch to a rule.
 *
 * @param file - path of the patch below its rules folder
 * @param teamReasons - ids of the reasons of the team's catalogue
 */
export function patchRule(
  base: LoadedRule,
  { patch, document }: ReadPatch,
  file: string,
  teamReasons: ReadonlySet<string>,
): { rule: LoadedRule } | { mistakes: PatchMistake[] } {
  const { cause } = patch.event.params;
  const stale = cause ? staleLanguages(base.event.params.cause, cause) : [];
  if (stale.length > 0) {
    const message = `the text changes, but ${stale.join(', ')} would keep the old words; give them too, or drop them with null`;
    return { mistakes: [{ ...document.placeOf('/patch/event/params/cause'), message }] };
  }
  const merged = mergePatch(contentOf(base), patch);
  const checked = checkRuleText(JSON.stringify(merged), base.file, teamReasons);
  if (checked.kind === 'rule') {
    return { rule: { ...checked.rule, patch: { file, hash: hashJson(patch) } } };
  }
  const place = document.placeOf('/patch/event/params');
  const messages =
    checked.kind === 'mistakes' ? checked.mistakes.map(({ message }) => message) : [];
  return { mistakes: messages.map((message) => ({ ...place, message })) };
}
