import { loadRules } from '../../diagnosis/rule-files/index.ts';
import { shippedRulesFolder } from '../../diagnosis/rule-files/shipped-rules-folder.ts';
import { createDiagnoser, type Diagnoser } from '../../diagnosis/run/index.ts';
import { setTeamCatalogue } from '../../reasons/match-reason.ts';

/**
 * Loads the shipped rules and the team's own rules (BREAKWATCH_RULES), which override them. Mistakes in
 * rule files go to standard error, one line each; the other rules are used.
 */
export async function loadDiagnoser(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Diagnoser> {
  const own = environment.BREAKWATCH_RULES;
  const { ruleSet, problems } = await loadRules(
    own ? [shippedRulesFolder(), own] : [shippedRulesFolder()],
  );
  for (const { file, line, column, message } of problems) {
    process.stderr.write(`${file}:${line}:${column}: ${message}\n`);
  }
  setTeamCatalogue(ruleSet.catalogue);
  return createDiagnoser(ruleSet);
}
