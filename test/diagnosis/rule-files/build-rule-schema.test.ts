import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildRuleSchema } from '../../../src/diagnosis/rule-files/build-rule-schema.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';

it('equals the committed schema that editors use', () => {
  const file = join(shippedRulesFolder(), 'schema', 'rule.schema.json');
  // Written again by: node src/diagnosis/rule-files/write-rule-schema.ts
  expect(JSON.stringify(JSON.parse(readFileSync(file, 'utf8')))).toBe(
    JSON.stringify(buildRuleSchema()),
  );
});
