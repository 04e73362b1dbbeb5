import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildRuleSchema } from './build-rule-schema.ts';
import { shippedRulesFolder } from './shipped-rules-folder.ts';

// `npm run rules:schema` runs this. Run it after a change of facts, reasons or closed lists. A test compares
// the content of the committed copy.
const file = join(shippedRulesFolder(), 'schema', 'rule.schema.json');
writeFileSync(file, `${JSON.stringify(buildRuleSchema(), null, 2)}\n`);
console.log(`wrote ${file}`);
