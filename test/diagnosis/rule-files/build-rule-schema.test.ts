import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildPatchSchema } from '../../../src/diagnosis/rule-files/build-patch-schema.ts';
import {
  buildConditionsSchema,
  buildRuleSchema,
} from '../../../src/diagnosis/rule-files/build-rule-schema.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';

it.each([
  ['rule.schema.json', buildRuleSchema],
  ['patch.schema.json', buildPatchSchema],
  ['conditions.schema.json', buildConditionsSchema],
])('%s equals the committed schema that editors use', (name, build) => {
  const file = join(shippedRulesFolder(), 'schema', name);
  // Written again by: node src/diagnosis/rule-files/write-rule-schema.ts
  expect(JSON.stringify(JSON.parse(readFileSync(file, 'utf8')))).toBe(JSON.stringify(build()));
});
