import { Ajv } from 'ajv';
import { CATEGORIES, isOneOf } from '../../model/vocabulary.ts';
import type { LoadedRule, Rule } from '../rule.ts';
import { buildRuleSchema } from './build-rule-schema.ts';
import { checkRule } from './check-rule.ts';
import { explainSchemaError } from './explain-schema-error.ts';
import { canonicalJson, shortHash } from './hash-json.ts';
import { JsonSyntaxError, type LocatedJson, type Place, parseJson } from './parse-json.ts';

const validate = new Ajv({ allErrors: false, strict: false, verbose: true }).compile<Rule>(
  buildRuleSchema(),
);

/** What is wrong at one place of a rule file. */
export interface LocatedMistake extends Place {
  /** The check that found it: `folder`, `syntax`, `schema`, or one of `checkRule`. */
  check: string;
  message: string;
}

/** What the text of a file is: a rule, something with mistakes, or nothing that concerns us. */
export type CheckedText =
  | { kind: 'rule'; rule: LoadedRule; document: LocatedJson }
  | { kind: 'mistakes'; mistakes: LocatedMistake[]; document?: LocatedJson }
  | { kind: 'other' };

/** A file beside the categories is only of interest when it is a rule that went astray. */
function looksLikeRule(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && 'conditions' in value;
  } catch {
    return false;
  }
}

function astray(text: string): CheckedText {
  const message = `put this rule into the folder of its category, one of: ${CATEGORIES.join(', ')}`;
  return looksLikeRule(text)
    ? { kind: 'mistakes', mistakes: [{ line: 1, column: 1, check: 'folder', message }] }
    : { kind: 'other' };
}

/**
 * Checks the text of one rule file: JSON, schema, then what a schema can not see. What fails one
 * step is not asked the next.
 *
 * @param source - a byte order mark is passed over
 * @param file - path below the rules folder, with forward slashes
 */
export function checkRuleText(source: string, file: string): CheckedText {
  const text = source.replace(/^\ufeff/, '');
  if (!file.includes('/') || !isOneOf(CATEGORIES, file.split('/')[0])) {
    return astray(text);
  }
  let document: LocatedJson;
  try {
    document = parseJson(text);
  } catch (thrown) {
    if (thrown instanceof JsonSyntaxError) {
      const { place, message } = thrown;
      return { kind: 'mistakes', mistakes: [{ ...place, check: 'syntax', message }] };
    }
    throw thrown;
  }
  if (!validate(document.value)) {
    const [error] = validate.errors ?? [];
    const mistakes = error
      ? [{ ...explainSchemaError(error, document), check: 'schema' }]
      : [{ line: 1, column: 1, check: 'schema', message: 'this is not a rule' }];
    return { kind: 'mistakes', mistakes, document };
  }
  const rule: Rule & { $schema?: string } = document.value;
  const mistakes = checkRule(rule, file);
  if (mistakes.length > 0) {
    return {
      kind: 'mistakes',
      mistakes: mistakes.map(({ pointer, check, message }) => {
        return { ...document.placeOf(pointer), check, message };
      }),
      document,
    };
  }
  // What speaks to editors and lint alone is no part of what the rule says.
  const { $schema: _schema, lint: _lint, ...content } = rule;
  return {
    kind: 'rule',
    rule: { ...content, hash: shortHash(canonicalJson(content)), file },
    document,
  };
}
