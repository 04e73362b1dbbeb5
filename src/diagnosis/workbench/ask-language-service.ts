import { Ajv } from 'ajv';
import type { Diagnostic, JSONSchema, LanguageService } from 'vscode-json-languageservice';
import { buildRuleSchema } from '../rule-files/build-rule-schema.ts';
import { explainSchemaError } from '../rule-files/explain-schema-error.ts';
import type { LocatedJson, Place } from '../rule-files/parse-json.ts';

/** What an editor would mark. */
export interface EditorMistake extends Place {
  check: 'syntax' | 'schema';
  /** As the editor says it. */
  message: string;
  /** `did you mean "equal"?` */
  hint?: string;
}

type Service = typeof import('vscode-json-languageservice');

/** Loaded when the first file is bad, as most runs never need it. */
let service: Promise<{ module: Service; language: LanguageService }> | undefined;

async function loadService() {
  const loaded = await import('vscode-json-languageservice');
  // It comes as a script whose names Node does not all see from outside.
  const module = ((loaded as { default?: Service }).default ?? loaded) as Service;
  // Without a way to request schemas it never reads what a file's $schema names.
  const language = module.getLanguageService({});
  language.configure({ validate: true, allowComments: false });
  return { module, language };
}

/** Its references are resolved within it, in circles, so nobody else can use this copy. */
const schema = buildRuleSchema();
let explainAll: ReturnType<Ajv['compile']> | undefined;

/** What was probably meant, by place, for mistakes that look like a slip of the pen. */
function hintsOf(document: LocatedJson | undefined): Map<string, string> {
  const hints = new Map<string, string>();
  if (!document) {
    return hints;
  }
  explainAll ??= new Ajv({ allErrors: true, strict: false, verbose: true }).compile(
    buildRuleSchema(),
  );
  explainAll(document.value);
  for (const error of explainAll.errors ?? []) {
    if (error.keyword !== 'if') {
      const { line, column, message } = explainSchemaError(error, document);
      const meant = /did you mean .*\?$/.exec(message)?.[0];
      if (meant) {
        hints.set(`${line}:${column}`, meant);
      }
    }
  }
  return hints;
}

/** Codes of the scanner and the parser; mistakes against the schema have 1 or none. */
const FIRST_SYNTAX_CODE = 0x101;
/** A value outside a closed list. */
const ENUM_CODE = 1;

function isSyntax({ code }: Diagnostic): boolean {
  return code === 0 || (typeof code === 'number' && code >= FIRST_SYNTAX_CODE);
}

/**
 * Leaves out of two lists of values for one place the longer one: what any fact may have says less
 * than what this fact may have.
 */
function mostExact(found: readonly Diagnostic[]): Diagnostic[] {
  const lengthOf = ({ message }: Diagnostic) => String(message).length;
  const placeOf = ({ range }: Diagnostic) => `${range.start.line}:${range.start.character}`;
  return found.filter(
    (one) =>
      one.code !== ENUM_CODE ||
      !found.some(
        (other) =>
          other.code === ENUM_CODE &&
          placeOf(other) === placeOf(one) &&
          lengthOf(other) < lengthOf(one),
      ),
  );
}

/**
 * Asks the JSON language service, the one inside VS Code, what it would mark in a rule file, so
 * that lint and editor say the same. Nothing is fetched, whatever `$schema` names.
 *
 * @param text - without a byte order mark and not nested too deeply, both of which it can not take
 * @param document - the text as parsed, if it could be, for hints
 */
export async function askLanguageService(
  text: string,
  document: LocatedJson | undefined,
): Promise<EditorMistake[]> {
  service ??= loadService();
  const { module, language } = await service;
  const file = module.TextDocument.create('file:///rule.json', 'json', 1, text);
  const parsed = language.parseJSONDocument(file);
  const severe = {
    comments: 'error',
    trailingCommas: 'error',
    schemaValidation: 'error',
  } as const;
  const found = await language.doValidation(file, parsed, severe, schema as JSONSchema);
  // Half a file lacks keys that are only not there yet.
  const syntax = found.filter(isSyntax);
  const hints = hintsOf(document);
  return (syntax.length > 0 ? syntax : mostExact(found)).map((diagnostic) => {
    const line = diagnostic.range.start.line + 1;
    const column = diagnostic.range.start.character + 1;
    const hint = hints.get(`${line}:${column}`);
    return {
      line,
      column,
      check: isSyntax(diagnostic) ? 'syntax' : 'schema',
      message:
        typeof diagnostic.message === 'string' ? diagnostic.message : diagnostic.message.value,
      ...(hint === undefined ? {} : { hint }),
    };
  });
}
