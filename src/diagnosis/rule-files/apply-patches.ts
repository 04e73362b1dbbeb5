import { withMeant } from '../../model/errors.ts';
import type { LoadedRule, RuleProblem } from '../rule.ts';
import { patchRule, readPatch } from './read-patch.ts';
import { findPatchFiles, readFiles } from './read-rule-files.ts';

/** A rule with the folder that it comes from. */
export interface PackedRule {
  rule: LoadedRule;
  folder: string;
  /** Position of the folder: a higher one overrides. */
  level: number;
}

/** A patch in force. */
export interface PlacedPatch extends Omit<RuleProblem, 'message'> {
  rule: string;
  /** Hash of the rule that it was written against, and of the rule that it changes now. */
  against: string;
  base: string;
}

/** The patches of one folder to apply. */
export interface PatchRequest {
  folder: string;
  level: number;
  /** The rules so far; patched ones are replaced. */
  byId: Map<string, PackedRule>;
  /** Patches of earlier folders. */
  earlier: readonly PlacedPatch[];
  /** Ids of the reasons of the team's catalogues. */
  reasons: ReadonlySet<string>;
}

/**
 * Applies the files in `patches` of a rules folder to rules of the folders below it. A patch that is wrong is reported,
 * and the rule stays as it was.
 */
export async function applyPatches({
  folder,
  level,
  byId,
  earlier,
  reasons,
}: PatchRequest): Promise<{ patches: PlacedPatch[]; problems: RuleProblem[] }> {
  const patches: PlacedPatch[] = [];
  const problems: RuleProblem[] = [];
  for (const source of await readFiles(await findPatchFiles(folder))) {
    const { path, file } = source;
    const report = (place: { line: number; column: number; message: string }) =>
      problems.push({ file: path, ...place });
    if ('problem' in source) {
      problems.push(source.problem);
      continue;
    }
    const read = readPatch(source.text);
    if ('mistake' in read) {
      report(read.mistake);
      continue;
    }
    const { rule: id, against, document } = read;
    const place = document.placeOf('/rule');
    const target = byId.get(id);
    const same = [...earlier, ...patches].find((one) => one.rule === id);
    if (!target) {
      const message = withMeant(`there is no rule "${id}" to patch`, id, byId.keys());
      report({ ...place, message });
    } else if (same) {
      report({ ...place, message: `${same.file} is a patch of "${id}" too; a rule has one patch` });
    } else if (target.level === level) {
      const message = `"${id}" is a rule of this folder (${target.rule.file}); change it there`;
      report({ ...place, message });
    } else {
      const patched = patchRule(target.rule, read, file, reasons);
      if ('mistakes' in patched) {
        patched.mistakes.forEach(report);
        continue;
      }
      byId.set(id, { ...target, rule: patched.rule });
      patches.push({
        rule: id,
        against,
        base: target.rule.hash,
        file: path,
        ...document.placeOf('/against'),
      });
    }
  }
  return { patches, problems };
}
