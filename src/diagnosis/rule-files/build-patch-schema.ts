import { LANGUAGES } from '../../model/vocabulary.ts';
import { buildRuleSchema } from './build-rule-schema.ts';
import { object, type Schema } from './condition-schema.ts';

type Properties = Record<string, Schema>;

function orNull(schema: Schema, description: string): Schema {
  return { anyOf: [schema, { type: 'null' }], description };
}

/** A text of which each language may be given, or dropped with null. */
const TEXT_PATCH: Schema = object(
  [],
  Object.fromEntries(
    LANGUAGES.map((name) => {
      const text = { type: 'string', minLength: 1 };
      return [name, name === 'en' ? text : orNull(text, 'null drops this language.')];
    }),
  ),
);

/** Builds the JSON Schema of a patch: what it may change, with the same values as in a rule. */
export function buildPatchSchema(): Schema {
  const { $defs } = buildRuleSchema() as { $defs: { params: Schema; text: Schema } };
  const params = $defs.params.properties as Properties;
  const alert = (params.alert as Schema).properties as Properties;
  const alertPatch = object(
    [],
    Object.fromEntries(
      Object.entries(alert).map(([key, schema]) => [
        key,
        orNull(schema, `${schema.description} null removes it.`),
      ]),
    ),
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Breakwatch patch',
    description: 'Changes parts of one shipped rule (JSON Merge Patch, RFC 7396).',
    ...object(['rule', 'against', 'patch'], {
      $schema: { type: 'string' },
      description: { type: 'string', description: 'Why the rule is changed.' },
      rule: {
        type: 'string',
        pattern: '^[a-z0-9-]+(?:/[a-z0-9-]+)+$',
        description: 'Id of the rule.',
      },
      against: {
        type: 'string',
        pattern: '^[0-9a-f]{12}$',
        description:
          'Hash of the rule that the patch was written against; lint tells when it changed.',
      },
      patch: object(['event'], {
        event: object(['params'], {
          params: {
            ...object([], {
              severity: params.severity,
              runbook: params.runbook,
              alert: orNull(alertPatch, 'null: the rule never pages.'),
              cause: { ...TEXT_PATCH, description: 'Every language, or null for those to drop.' },
              fix: params.fix,
            }),
            minProperties: 1,
          },
        }),
      }),
    }),
    $defs: { text: $defs.text },
  };
}
