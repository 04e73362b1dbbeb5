import type { LoadedRule } from '../../rule.ts';
import { compareFindings, type Finding } from '../../rule-files/finding.ts';
import { placeInFile, problemsAsFindings, type RulePack } from '../../rule-files/load-pack.ts';
import { findShadows, type Shadow } from './find-shadows.ts';

function names(rules: readonly LoadedRule[]): string {
  return rules.map(({ id }) => id).join(' and ');
}

function wordsOf({ kind, rule, by, reasons, whole, example }: Shadow): string {
  const where = whole ? '' : ` for the reason ${reasons.join(', ')}`;
  const event = example ? `, as for ${JSON.stringify(example)}` : '';
  switch (kind) {
    case 'dead':
      return `${rule.id} can never match${where}: its conditions contradict each other`;
    case 'shadowed':
      return `${rule.id} can never win${where}: ${names(by)} ${by.length > 1 ? 'together win' : 'wins'} whenever it matches${event}`;
    case 'tie':
      return `${rule.id} and ${names(by)} are equally good${where}${event}; ${by[0]?.id} wins by its id alone, so give one a higher priority`;
    case 'undecided':
      return `${rule.id} has too many combinations to tell whether it can win${where}`;
  }
}

/** A rule below that one of ours takes over may be meant so; a rule of ours that can not win is not. */
function levelOf({ kind, rule, by, whole }: Shadow, pack: RulePack): Finding['level'] {
  const own = pack.isOwn(rule);
  if (kind === 'tie') {
    return own || by.some(pack.isOwn) ? 'error' : 'warning';
  }
  return own && whole && kind !== 'undecided' ? 'error' : 'warning';
}

/** What {@link findShadows} finds in a pack, each with the place of the rule's conditions. */
export async function shadowFindings(
  pack: RulePack,
): Promise<{ findings: Finding[]; shadows: Shadow[] }> {
  const shadows = findShadows(pack.ruleSet);
  const findings = problemsAsFindings(pack.problems);
  for (const shadow of shadows) {
    const file = pack.pathOf(shadow.rule);
    findings.push({
      level: levelOf(shadow, pack),
      check: shadow.kind,
      file,
      ...(await placeInFile(file, shadow.kind === 'tie' ? '/priority' : '/conditions')),
      message: wordsOf(shadow),
    });
  }
  return { findings: findings.sort(compareFindings), shadows };
}
