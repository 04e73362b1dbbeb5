import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CATALOGUE } from '../../src/model/error-catalogue.ts';

const PAGE = new URL('../../docs/errors.md', import.meta.url);

const HEAD = `# Errors

Every error that Breakwatch answers or logs has one of these codes. Names in braces are filled in. The
status is that of HTTP answers; at the command line and in Grafana's health the code stands alone.
`;

/** The page as the catalogue wants it. */
function errorsPage(): string {
  const sections = Object.entries(ERROR_CATALOGUE).map(
    ([code, { status, message, remedy }]) =>
      `\n## ${code}\n\n- HTTP status: ${status}\n- Message: ${message}\n- Remedy: ${remedy}\n`,
  );
  return HEAD + sections.join('');
}

describe('docs/errors.md', () => {
  it('lists every error of the catalogue one to one (UPDATE_DOCS=1 writes it anew)', () => {
    if (process.env.UPDATE_DOCS) {
      writeFileSync(PAGE, errorsPage());
    }
    const page = readFileSync(PAGE, 'utf8');
    const codes = [...page.matchAll(/^## (\w+)$/gm)].map(([, code]) => code);
    expect(codes).toEqual(Object.keys(ERROR_CATALOGUE));
    expect(page).toBe(errorsPage());
  });

  it('has a cause and a remedy in words for each', () => {
    for (const { message, remedy } of Object.values(ERROR_CATALOGUE)) {
      expect(message.length).toBeGreaterThan(15);
      expect(remedy).toMatch(/\.$/);
    }
  });
});
