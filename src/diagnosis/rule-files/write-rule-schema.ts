import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildRuleSchema } from './build-rule-schema.ts';
import { shippedRulesFolder } from './shipped-rules-folder.ts';

// Run after a change of facts, reasons or closed lists: node src/diagnosis/rule-files/write-rule-schema.ts
// (then format it; the test that guards the committed copy compares content, not spaces).
const file = join(shippedRulesFolder(), 'schema', 'rule.schema.json');
writeFileSync(file, `${JSON.stringify(buildRuleSchema(), null, 2)}\n`);
console.log(`wrote ${file}`);
