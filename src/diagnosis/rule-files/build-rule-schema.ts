import { DIRECTORY_COLUMN, DIRECTORY_FACT, FACT_CATALOGUE } from '../../model/fact-catalogue.ts';
import { SAMPLE_FINDINGS } from '../../model/push.ts';
import { GROUP_BY } from '../../model/query.ts';
import {
  CATEGORIES,
  CONFIDENCES,
  LANGUAGES,
  OUTCOMES,
  SEVERITIES,
  SIDES,
} from '../../model/vocabulary.ts';
import { NAME_PATTERN, RULE_ID_PATTERN, WAIVABLE_CHECKS } from '../rule.ts';
import {
  comparisonSchema,
  conditionSchema,
  factDescription,
  factNameSchema,
  givenSchema,
  group,
  object,
  type Schema,
} from './condition-schema.ts';

const RULE_PATTERN = '^[a-z0-9*/-]+$';
const LENGTH_OF_TIME = '^(?:0|[1-9][0-9]{0,5})[smhd]$';

/**
 * Builds the JSON Schema of a rule file from the fact catalogue, the reasons, the closed lists and the
 * operators. The loader uses this function, and editors use the committed copy (`rules/schema`), so both
 * find the same mistakes.
 */
export function buildRuleSchema(): Schema {
  const given = Object.fromEntries(
    FACT_CATALOGUE.map((fact) => [
      fact.name,
      { ...givenSchema(fact), description: factDescription(fact) },
    ]),
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Breakwatch rule',
    description:
      'One rule per file: conditions in the format of json-rules-engine, texts and tests.',
    ...object(['id', 'name', 'priority', 'conditions', 'event', 'tests'], {
      $schema: { type: 'string' },
      id: {
        type: 'string',
        pattern: RULE_ID_PATTERN,
        description: 'category/name, the same as the path of this file below the rules folder.',
      },
      name: { type: 'string', minLength: 1, description: 'Short name for lists and pages.' },
      description: { type: 'string', description: 'Notes for people who edit this rule.' },
      priority: {
        type: 'integer',
        minimum: 1,
        description:
          'Among matching rules the highest priority wins, then more conditions, then the id.',
      },
      conditions: {
        description: 'all, any or not of comparisons.',
        ...conditionSchema({ required: ['all'] }),
      },
      event: object(['type', 'params'], {
        type: { enum: CATEGORIES, description: 'Category: the folder of this file.' },
        params: { $ref: '#/$defs/params' },
      }),
      tests: { type: 'array', minItems: 1, items: { $ref: '#/$defs/test' } },
      lint: object(
        ['disable'],
        {
          disable: {
            type: 'array',
            minItems: 1,
            uniqueItems: true,
            items: { enum: WAIVABLE_CHECKS },
            description: 'Lint checks to skip in this rule.',
          },
          until: {
            type: 'string',
            pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
            description: 'Last day of the waiver, YYYY-MM-DD in UTC.',
          },
        },
        'What lint passes over.',
      ),
    }),
    $defs: {
      all: group('all', { type: 'array', minItems: 1, items: { $ref: '#/$defs/condition' } }),
      any: group('any', { type: 'array', minItems: 1, items: { $ref: '#/$defs/condition' } }),
      not: group('not', { $ref: '#/$defs/condition' }),
      condition: conditionSchema({
        if: { required: ['condition'] },
        // biome-ignore lint/suspicious/noThenProperty: a key of JSON Schema
        then: { $ref: '#/$defs/shared' },
        else: { $ref: '#/$defs/comparison' },
      }),
      shared: object(
        ['condition'],
        {
          condition: {
            type: 'string',
            description: 'Name of a condition in the folder conditions of this rules folder.',
          },
          priority: { $ref: '#/$defs/conditionPriority' },
          name: { type: 'string' },
        },
        'A condition that rules share.',
      ),
      conditionPriority: {
        type: 'integer',
        minimum: 1,
        description: 'Higher values are evaluated first; the others only if still needed.',
      },
      comparison: comparisonSchema(),
      otherFact: object(['fact'], { fact: factNameSchema() }, 'The value of another fact.'),
      text: object(
        ['en'],
        Object.fromEntries(LANGUAGES.map((name) => [name, { type: 'string', minLength: 1 }])),
        'One text in several languages. {{fact}} is filled in; [[…]] vanishes when a fact in it is missing.',
      ),
      params: object(
        ['severity', 'side', 'cause', 'fix', 'retry', 'runbook', 'evidence'],
        {
          severity: { enum: SEVERITIES },
          side: { enum: SIDES, description: 'The side that has to act.' },
          cause: { $ref: '#/$defs/text' },
          fix: { type: 'array', minItems: 1, items: { $ref: '#/$defs/text' } },
          retry: {
            type: 'string',
            pattern: '^(?:none|after-fix|[1-9][0-9]*s)$',
            description: 'none, after-fix, or a wait such as 30s.',
          },
          runbook: {
            type: 'string',
            pattern: `^${NAME_PATTERN}$`,
            description: 'Name of the runbook: small letters, digits and -.',
          },
          evidence: {
            type: 'array',
            uniqueItems: true,
            items: factNameSchema(),
            description: 'Facts to show in addition to those in the conditions.',
          },
          confidence: { enum: CONFIDENCES, description: 'Upper limit of the confidence.' },
          decisive: {
            type: 'array',
            minItems: 1,
            uniqueItems: true,
            items: factNameSchema(),
            description: 'Facts of the conditions that make the diagnosis certain when they match.',
          },
          contradictedBy: {
            type: 'array',
            minItems: 1,
            uniqueItems: true,
            items: { enum: [...SAMPLE_FINDINGS] },
            description:
              'Values of samplesBeforeBreak that speak against this cause: they lower the confidence, and the card says so.',
          },
          outcome: { enum: OUTCOMES, description: 'Overrules the outcome of the reason.' },
          alert: object(
            ['window', 'threshold', 'groupBy'],
            {
              window: {
                type: 'string',
                pattern: '^[1-9][0-9]{0,5}[smhd]$',
                description: 'Time window in which breaks are counted, e.g. 5m.',
              },
              threshold: {
                type: 'integer',
                minimum: 1,
                description: 'Number of breaks in a group.',
              },
              groupBy: {
                type: 'array',
                uniqueItems: true,
                items: { enum: GROUP_BY },
                description: 'Facts that breaks must share to be counted together.',
              },
              for: {
                type: 'string',
                pattern: LENGTH_OF_TIME,
                description: 'How long the outage must last before it notifies; 0s when absent.',
              },
              keepFiring: {
                type: 'string',
                pattern: LENGTH_OF_TIME,
                description:
                  'How long after the last recovery the alert stays; at least the hold time of incidents (5m).',
              },
              severity: {
                enum: SEVERITIES,
                description: 'Severity of the alert, if it differs from that of the rule.',
              },
              inhibits: {
                type: 'array',
                minItems: 1,
                uniqueItems: true,
                items: { type: 'string', pattern: RULE_PATTERN },
                description:
                  'Rules whose alerts do not notify while this one fires, for the same groupBy values; * matches any characters.',
              },
            },
            'When breaks of this rule are worth a page: threshold breaks within the window.',
          ),
        },
        'What the rule concludes.',
      ),
      test: object(['name', 'given', 'expect'], {
        name: { type: 'string', minLength: 1 },
        given: {
          ...object(
            [],
            {
              ...given,
              text: { type: 'string', description: 'Reason text of the API, in any language.' },
            },
            'The event: errcode, subErrcode, text or bypassCode, and any facts by name.',
          ),
          patternProperties: {
            [DIRECTORY_FACT]: { type: 'string', description: DIRECTORY_COLUMN.meaning },
          },
        },
        expect: {
          type: 'string',
          pattern: `^(?:match|no-match|${NAME_PATTERN}(?:/${NAME_PATTERN})+)$`,
          description: 'match: this rule wins; no-match: it does not; or the id that wins.',
        },
      }),
    },
  };
}

/** Builds the JSON Schema of a file of shared conditions. */
export function buildConditionsSchema(): Schema {
  const { $defs } = buildRuleSchema() as { $defs: Schema };
  const { all, any, not, condition, conditionPriority, shared, comparison, otherFact } = $defs;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Breakwatch shared conditions',
    description: 'Conditions by name. Rules of the same folder use one with {"condition": "name"}.',
    type: 'object',
    properties: { $schema: { type: 'string' } },
    additionalProperties: conditionSchema({ required: ['all'] }),
    $defs: { all, any, not, condition, conditionPriority, shared, comparison, otherFact },
  };
}
