import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CATALOGUE } from '../../src/model/error-catalogue.ts';

const MAX_LINES = 1_500;

const sources = globSync('src/grafana/backend/**/*.go')
  .filter((file) => !file.endsWith('_test.go'))
  .map((file) => ({ name: basename(file), text: readFileSync(file, 'utf8') }));

const importsOf = (text: string) =>
  [...text.matchAll(/^(?:import )?\s*(?:\w+ )?"([^"]+)"$/gm)].map(([, path]) => path);

describe("the sources of the plugin's backend", () => {
  it('stay small', () => {
    expect(sources.length).toBeGreaterThan(5);
    const lines = sources.reduce((sum, { text }) => sum + text.trimEnd().split('\n').length, 0);
    expect(lines).toBeLessThanOrEqual(MAX_LINES);
  });

  it('use processes, files and system calls only in the embedded mode', () => {
    const remote = sources.filter(({ text }) => !text.startsWith('//go:build embedded\n'));
    const uses = remote.flatMap(({ name, text }) =>
      importsOf(text)
        .filter((path) => /^(?:os|os\/.*|io\/.*|path\/filepath|syscall|unsafe)$/.test(path ?? ''))
        .map((path) => `${name}: ${path}`),
    );
    // For the process id of Grafana and the exit code.
    expect(uses).toEqual(['main.go: os']);
    const main = sources.find(({ name }) => name === 'main.go')?.text ?? '';
    expect(new Set(main.match(/\bos\.\w+/g))).toEqual(new Set(['os.Getppid', 'os.Exit']));
    expect(sources.length - remote.length).toBeGreaterThan(1);
  });

  it('know error codes of the catalogue only', () => {
    const codes = sources.flatMap(({ text }) =>
      [...text.matchAll(/(?:code: |case |, )"([A-Z]+(?:_[A-Z]+)*)"/g)].map(([, code]) => code),
    );
    expect(codes).toContain('SERVER_UNREACHABLE');
    // Nobody sees the last one: the caller has left.
    const known = [...Object.keys(ERROR_CATALOGUE), 'CANCELLED'];
    expect(codes.filter((code) => !known.includes(code as string))).toEqual([]);
  });
});
