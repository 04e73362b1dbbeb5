import { existsSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const MAX_FILES = 12;
const TEXT = readFileSync('docs/architecture.md', 'utf8');

interface Step {
  file: string;
  entered: string;
  /** The step that calls this one; undefined where something outside of src does. */
  from: number | undefined;
  how: 'calls' | 'posts' | 'HTTP';
}

function journeys(): [string, Step[]][] {
  const [, section = ''] = TEXT.split('## Five journeys');
  return (section.split(/^## /m)[0] as string)
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const rows = part.match(/^\| \d+ \|.*$/gm) ?? [];
      const steps = rows.map((row): Step => {
        const [, , file = '', entered = '', from = ''] = row.split('|').map((cell) => cell.trim());
        const [caller = '', how = 'calls'] = from.split(', ');
        return {
          file: file.replaceAll('`', ''),
          entered: entered.replaceAll('`', ''),
          from: /^\d+$/.test(caller) ? Number(caller) : undefined,
          how: how as Step['how'],
        };
      });
      return [part.split('\n')[0] as string, steps];
    });
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
}

function find(node: ts.Node, matches: (node: ts.Node) => boolean): boolean {
  return matches(node) || (ts.forEachChild(node, (child) => find(child, matches)) ?? false);
}

/** Whether a Go file has text that matches; Go has no parser here. */
const goMatches = (file: string, pattern: string) =>
  new RegExp(pattern, 'm').test(readFileSync(file, 'utf8'));

/** Whether the file has a function, method or property of this name. */
function defines(file: string, name: string): boolean {
  if (file.endsWith('.go')) {
    return goMatches(file, `^func (?:\\(.*\\) )?${name}\\(`);
  }
  return find(
    parse(file),
    (node) =>
      (ts.isFunctionDeclaration(node) ||
        ts.isMethodDeclaration(node) ||
        ts.isPropertyAssignment(node) ||
        ts.isShorthandPropertyAssignment(node)) &&
      node.name !== undefined &&
      node.name.getText() === name,
  );
}

/** Whether the file calls a function of this name. */
function calls(file: string, name: string): boolean {
  if (file.endsWith('.go')) {
    return goMatches(file, `^\\s+.*\\b${name}\\(`);
  }
  return find(parse(file), (node) => {
    if (!ts.isCallExpression(node)) {
      return false;
    }
    const callee = node.expression;
    return (
      (ts.isIdentifier(callee) && callee.text === name) ||
      (ts.isPropertyAccessExpression(callee) && callee.name.text === name)
    );
  });
}

/** Whether the file posts a message of this name to a thread. */
function posts(file: string, name: string): boolean {
  return find(
    parse(file),
    (node) =>
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      ['call', 'notify'].includes(node.expression.name.text) &&
      node.arguments[0] !== undefined &&
      ts.isStringLiteral(node.arguments[0]) &&
      node.arguments[0].text === name,
  );
}

/** Whether one file requests the path that the other one serves. */
function requests(client: string, server: string): boolean {
  return (
    readFileSync(client, 'utf8').includes('"api/v1/frames"') &&
    readFileSync(server, 'utf8').includes('ROUTES.frames.path')
  );
}

describe('the journeys in docs/architecture.md', () => {
  it('has five journeys', () => {
    expect(journeys()).toHaveLength(5);
  });

  for (const [name, steps] of journeys()) {
    describe(name, () => {
      it(`has at most ${MAX_FILES} files`, () => {
        expect(steps.length).toBeGreaterThan(1);
        expect(new Set(steps.map(({ file }) => file)).size).toBeLessThanOrEqual(MAX_FILES);
      });

      it.each(steps)('enters $entered in $file', ({ file, entered, from, how }) => {
        expect(existsSync(file), `${file} exists`).toBe(true);
        expect(defines(file, entered), `${file} defines ${entered}`).toBe(true);
        if (from === undefined) {
          return;
        }
        const caller = (steps[from - 1] as Step).file;
        const reaches =
          how === 'HTTP'
            ? requests(caller, file)
            : how === 'posts'
              ? posts(caller, entered)
              : calls(caller, entered);
        expect(reaches, `${caller} ${how} ${entered}`).toBe(true);
      });
    });
  }
});
