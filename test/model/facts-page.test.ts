import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { OWN_OPERATORS } from '../../src/diagnosis/operators/own-operators.ts';
import { givenSchema, operatorsOfFact } from '../../src/diagnosis/rule-files/condition-schema.ts';
import {
  DIRECTORY_COLUMN,
  FACT_CATALOGUE,
  type FactDefinition,
} from '../../src/model/fact-catalogue.ts';

const PAGE = new URL('../../docs/facts.md', import.meta.url);

const HEAD = `# Facts

A fact is something that is known about a break when it is diagnosed. Conditions compare facts, texts show them. This page
is generated from [the catalogue of facts](../src/model/fact-catalogue.ts), as the schema for editors and the checks of
\`rules lint\` are. [docs/rules.md](rules.md#operators) describes the operators.

A fact that is not known is missing, and then a comparison is false. \`notEqual\`, \`notIn\`, everything below \`not\` and every
operator with \`not:\` are true. Only \`reason\` and \`endedAt\` are always there.

CSS does not tell by which protocol a push came in, so there is no such fact. Of the region it tells only whether the push came
in on the Chinese mainland.
`;

const SOURCES: Record<FactDefinition['source'], string> = {
  event: 'From the message of CSS',
  pushUrl: 'From the push URL',
  directory:
    'From the directory\n\nThe [directory](configuration.md#directory) is a CSV file that you keep.',
  history: 'From other breaks and pushes',
  samples:
    "From CSS's samples\n\nBreakwatch reads them a moment after the break, and only for a break whose rule has `contradictedBy`. Then the break is diagnosed again.",
  account: 'From the state of the account',
};

/** What a rule may do with a fact, in words. */
function operatorsOf(fact: FactDefinition): string {
  const allowed = operatorsOfFact(fact);
  const words = [
    ['equal', '`equal`, `in`'],
    ['lessThan', 'order'],
    ['textContains', 'text'],
    ['inCidr', '`inCidr`'],
    ['atTimeOfDay', '`atTimeOfDay`, `onWeekday`'],
  ] as const;
  return words
    .filter(([name]) => allowed.includes(name))
    .map(([, words]) => words)
    .join(', ');
}

function rowOf(fact: FactDefinition): string {
  const { name, type, unit, values, example, meaning } = fact;
  const closed = values ? ` One of ${values.map((value) => `\`${value}\``).join(', ')}.` : '';
  return `| \`${name}\` | ${type}${unit ? `, ${unit}` : ''} | \`${JSON.stringify(example)}\` | ${operatorsOf(fact)} | ${meaning}${closed} |`;
}

/** The page that belongs to the catalogue. */
function factsPage(): string {
  const all = [...FACT_CATALOGUE, DIRECTORY_COLUMN];
  const sections = Object.entries(SOURCES).map(([source, title]) => {
    const rows = all.filter((fact) => fact.source === source).map(rowOf);
    return `\n## ${title}\n\n| fact | type | example | operators | meaning |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return HEAD + sections.join('');
}

describe('docs/facts.md', () => {
  it('lists every fact of the catalogue', () => {
    // UPDATE_DOCS=1 npx vitest run test/model/facts-page.test.ts
    if (process.env.UPDATE_DOCS) {
      writeFileSync(PAGE, factsPage());
    }
    expect(readFileSync(PAGE, 'utf8')).toBe(factsPage());
  });

  it.each([...FACT_CATALOGUE, DIRECTORY_COLUMN])(
    '$name has an example that a test may give',
    (fact) => {
      expect(new Ajv({ strict: false }).validate(givenSchema(fact), fact.example)).toBe(true);
    },
  );

  it('belongs to a page on which each operator of Breakwatch is described with its example', () => {
    const rules = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8');
    for (const { name, example } of OWN_OPERATORS) {
      expect(rules).toContain(`| \`${name}\` | \`"${example}"\` |`);
    }
  });
});
