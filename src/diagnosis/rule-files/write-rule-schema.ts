import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPatchSchema } from './build-patch-schema.ts';
import { buildConditionsSchema, buildRuleSchema } from './build-rule-schema.ts';
import { shippedRulesFolder } from './shipped-rules-folder.ts';

// `npm run rules:schema` runs this. Run it after a change of facts, reasons or closed lists. A test compares
// the content of the committed copy.
for (const [name, schema] of Object.entries({
  'rule.schema.json': buildRuleSchema(),
  'patch.schema.json': buildPatchSchema(),
  'conditions.schema.json': buildConditionsSchema(),
})) {
  const file = join(shippedRulesFolder(), 'schema', name);
  writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
  console.log(`wrote ${file}`);
}
