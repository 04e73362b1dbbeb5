import { loadRules } from '../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createDiagnoser, type Diagnoser } from '../../src/diagnosis/run/create-diagnoser.ts';

/** Creates a diagnoser with the shipped rules. */
export async function loadShippedDiagnoser(): Promise<Diagnoser> {
  return createDiagnoser((await loadRules([shippedRulesFolder()])).ruleSet);
}
