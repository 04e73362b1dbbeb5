import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CATALOGUE } from '../../src/model/error-catalogue.ts';

const PAGE = new URL('../../docs/errors.md', import.meta.url);
const CATALOGUE = new URL('../../src/model/error-catalogue.ts', import.meta.url);

const HEAD = `# Errors

Every error that Breakwatch answers or logs has one of these codes. Breakwatch fills in the names in
braces. The HTTP status is the status of an HTTP answer; the command line and Grafana's health show the
code without it.
`;

/** The page that belongs to the catalogue. */
function errorsPage(): string {
  const sections = Object.entries(ERROR_CATALOGUE).map(
    ([code, { status, message, cause, remedy }]) =>
      `\n## ${code}\n\n- HTTP status: ${status}\n- Message: ${message}\n- Cause: ${cause}\n- Remedy: ${remedy}\n`,
  );
  return HEAD + sections.join('');
}

/** Where an error is in the catalogue's file. */
function placeOf(code: string): string {
  const lines = readFileSync(CATALOGUE, 'utf8').split('\n');
  return `src/model/error-catalogue.ts:${lines.indexOf(`  ${code}: {`) + 1}`;
}

/** What is wrong with the texts of an error. */
function mistakesOf(code: string, texts: Record<string, unknown>): string[] {
  return ['message', 'cause', 'remedy'].flatMap((name) => {
    const text = texts[name];
    if (typeof text !== 'string' || text === '') {
      return [`${placeOf(code)}: ${code} has no ${name}`];
    }
    // A message may end with a text that is filled in.
    const isSentence = /^(?:[A-Z{]|git )/.test(text) && /[.}]$/.test(text);
    return isSentence
      ? []
      : [`${placeOf(code)}: the ${name} of ${code} is not a sentence: ${text}`];
  });
}

describe('docs/errors.md', () => {
  it('lists exactly the errors of the catalogue (UPDATE_DOCS=1 rewrites it)', () => {
    if (process.env.UPDATE_DOCS) {
      writeFileSync(PAGE, errorsPage());
    }
    const page = readFileSync(PAGE, 'utf8');
    const codes = [...page.matchAll(/^## (\w+)$/gm)].map(([, code]) => code);
    expect(codes).toEqual(Object.keys(ERROR_CATALOGUE));
    expect(page).toBe(errorsPage());
  });
});

describe('the error catalogue', () => {
  it('has a message, a cause and a remedy for each error', () => {
    const mistakes = Object.entries(ERROR_CATALOGUE).flatMap(([code, texts]) =>
      mistakesOf(code, texts),
    );
    expect(mistakes).toEqual([]);
  });

  it('reports the line of an error without a cause or a remedy', () => {
    const { cause: _cause, ...texts } = ERROR_CATALOGUE.BAD_JSON;
    expect(mistakesOf('BAD_JSON', { ...texts, remedy: '' })).toEqual([
      expect.stringMatching(/^src\/model\/error-catalogue\.ts:\d{2}: BAD_JSON has no cause$/),
      expect.stringMatching(/^src\/model\/error-catalogue\.ts:\d{2}: BAD_JSON has no remedy$/),
    ]);
  });
});
