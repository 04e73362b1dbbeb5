import { Ajv } from 'ajv';
import type { Diagnostic, JSONSchema, LanguageService } from 'vscode-json-languageservice';
import { buildRuleSchema } from '../rule-files/build-rule-schema.ts';
import { explainSchemaError } from '../rule-files/explain-schema-error.ts';
import type { LocatedJson, Place } from '../rule-files/parse-json.ts';

/** A mistake that an editor would mark. */
export interface EditorMistake extends Place {
  check: 'syntax' | 'schema';
  /** The message of the editor. */
  message: string;
  /** `did you mean "equal"?` */
  hint?: string;
}

type Service = typeof import('vscode-json-languageservice');

/** Loaded at the first bad file, because most runs never need it. */
let service:
  | Promise<{ module: Service; language: LanguageService; schema: JSONSchema }>
  | undefined;

async function loadService() {
  const loaded = await import('vscode-json-languageservice');
  // It is a CommonJS module, and Node does not detect all of its exports.
  const module = ((loaded as { default?: Service }).default ?? loaded) as Service;
  // Without a schema request service it never reads the $schema of a file.
  const language = module.getLanguageService({});
  language.configure({ validate: true, allowComments: false });
  // The service resolves references in place and makes the schema circular, so it gets a schema of its own.
  return { module, language, schema: buildRuleSchema() as JSONSchema };
}

let explainAll: ReturnType<Ajv['compile']> | undefined;

/** What was probably meant, by position, for mistakes that look like typos. */
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
      const meant = /^did you mean "[^"]*"\?/.exec(message)?.[0];
      if (meant) {
        hints.set(`${line}:${column}`, meant);
      }
    }
  }
  return hints;
}

/** First code of the scanner and the parser. Schema mistakes have code 1 or none. */
const FIRST_SYNTAX_CODE = 0x101;
/** Code of a value that is not in a closed list. */
const ENUM_CODE = 1;

function isSyntax({ code }: Diagnostic): boolean {
  return code === 0 || (typeof code === 'number' && code >= FIRST_SYNTAX_CODE);
}

/**
 * If there are two lists of allowed values for one position, keeps the shorter one: the values of this fact
 * are more useful than the values of all facts.
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
 * Checks a rule file with the JSON language service of VS Code, so that lint and editor report the same
 * mistakes. It never fetches the `$schema` of a file.
 *
 * @param text - without a byte order mark and not nested too deeply; the service cannot handle either
 * @param document - the parsed text, for hints; undefined when it is not valid JSON
 */
export async function askLanguageService(
  text: string,
  document: LocatedJson | undefined,
): Promise<EditorMistake[]> {
  service ??= loadService();
  const { module, language, schema } = await service;
  const file = module.TextDocument.create('file:///rule.json', 'json', 1, text);
  const parsed = language.parseJSONDocument(file);
  const severe = {
    comments: 'error',
    trailingCommas: 'error',
    schemaValidation: 'error',
  } as const;
  const found = await language.doValidation(file, parsed, severe, schema);
  // After a syntax error, missing keys may just not be written yet.
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
