import { Ajv } from 'ajv';
import type { Diagnostic, JSONSchema, LanguageService } from 'vscode-json-languageservice';
import { buildRuleSchema } from '../rule-files/build-rule-schema.ts';
import { explainSchemaError } from '../rule-files/explain-schema-error.ts';
import type { LocatedJson, Place } from '../rule-files/parse-json.ts';

/** A mistake that an editor would mark. */
export interface EditorMistake extends Place {
  check: 'syntax' | 'schema';
  /** What was probably meant or what is possible; the message of the editor where we have no words. */
  message: string;
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

/** Our words for the mistakes of a document. */
interface OwnWords {
  /** By position. */
  messages: Map<string, string>;
  /** Missing keys that are only misspelt, as the editor reports them at a position. */
  misspelt: Set<string>;
}

const positionOf = ({ line, column }: Place) => `${line}:${column}`;
/** How the editor reports a missing key. */
const missing = (key: string) => `Missing property "${key}".`;

function explain(document: LocatedJson | undefined): OwnWords {
  const words: OwnWords = { messages: new Map(), misspelt: new Set() };
  if (!document) {
    return words;
  }
  explainAll ??= new Ajv({ allErrors: true, strict: false, verbose: true }).compile(
    buildRuleSchema(),
  );
  explainAll(document.value);
  for (const error of explainAll.errors ?? []) {
    if (error.keyword === 'if') {
      continue;
    }
    const { message, ...place } = explainSchemaError(error, document);
    const { instancePath } = error;
    // The editor marks the key of a part in which a key is missing, and our words its value.
    const own = [document.placeOf(instancePath), document.placeOfKey(instancePath)].map(positionOf);
    const isMisspelt = error.keyword === 'required' && positionOf(place) !== own[0];
    if (isMisspelt) {
      for (const at of own) {
        words.misspelt.add(`${at} ${missing(String(error.params.missingProperty))}`);
      }
    }
    for (const at of error.keyword === 'required' && !isMisspelt ? own : [positionOf(place)]) {
      const known = words.messages.get(at);
      // Of several, the one that says what was meant.
      if (known === undefined || (message.startsWith('did you mean') && !known.startsWith('did'))) {
        words.messages.set(at, message);
      }
    }
  }
  return words;
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
  const { messages, misspelt } = explain(document);
  return (syntax.length > 0 ? syntax : mostExact(found)).flatMap((diagnostic) => {
    const line = diagnostic.range.start.line + 1;
    const column = diagnostic.range.start.character + 1;
    const at = positionOf({ line, column });
    const { message: given } = diagnostic;
    const message = typeof given === 'string' ? given : given.value;
    if (misspelt.has(`${at} ${message}`)) {
      return [];
    }
    const check = isSyntax(diagnostic) ? ('syntax' as const) : ('schema' as const);
    return [{ line, column, check, message: messages.get(at) ?? message }];
  });
}
