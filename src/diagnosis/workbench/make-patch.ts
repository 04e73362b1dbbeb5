import { isObject } from '../../model/is-object.ts';
import { canonicalJson, contentOf, type LoadedRule } from '../rule.ts';
import { mergePatch } from '../rule-files/merge-patch.ts';
import { schemaPath } from '../rule-files/schema-path.ts';
import { formatPatch } from './format-rule.ts';

/** What a patch may change: the keys of `params`, in the order of a rule's file. */
const PATCHABLE = ['severity', 'cause', 'fix', 'runbook', 'alert'] as const;

type Changes = { [Key in (typeof PATCHABLE)[number]]?: unknown };

/**
 * Writes the text of a patch file.
 *
 * @param base - the rule that it changes, without a patch
 * @param params - the changes, as a JSON Merge Patch of `event.params`
 */
export function patchFile(base: LoadedRule, params: Changes): string {
  return formatPatch({
    $schema: schemaPath(`patches/${base.id}`, 'patch'),
    rule: base.id,
    against: base.hash,
    patch: { event: { params } },
  });
}

/** The smallest JSON Merge Patch that makes `after` of `before`; undefined when they are equal. */
function difference(before: unknown, after: unknown): unknown {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) {
    return undefined;
  }
  if (!isObject(before) || !isObject(after)) {
    return after ?? null;
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.fromEntries(
    [...keys].flatMap((key) => {
      const changed = difference(before[key], after[key]);
      return changed === undefined ? [] : [[key, changed]];
    }),
  );
}

/** A cause that changes is written in every language: a patch may not keep old words beside new ones. */
function differenceOfCause(before: Record<string, string>, after: Record<string, string>) {
  if (canonicalJson(before) === canonicalJson(after)) {
    return undefined;
  }
  const dropped = Object.keys(before).filter((language) => !Object.hasOwn(after, language));
  return { ...after, ...Object.fromEntries(dropped.map((language) => [language, null])) };
}

/**
 * Writes an edited rule as the text of a patch file.
 *
 * @param base - the rule that a patch would change
 * @param edited - the rule after the edit
 * @returns null when nothing changes, or when the edit changes more than a patch may
 */
export function makePatch(base: LoadedRule, edited: LoadedRule): string | null {
  const changes: Changes = {};
  for (const key of PATCHABLE) {
    const [before, after] = [base.event.params[key], edited.event.params[key]];
    const changed =
      key === 'cause'
        ? differenceOfCause(base.event.params.cause, edited.event.params.cause)
        : difference(before, after);
    if (changed !== undefined) {
      changes[key] = changed;
    }
  }
  const patched = mergePatch(contentOf(base), { event: { params: changes } });
  const isWhole = canonicalJson(patched) === canonicalJson(contentOf(edited));
  return isWhole && Object.keys(changes).length > 0 ? patchFile(base, changes) : null;
}
