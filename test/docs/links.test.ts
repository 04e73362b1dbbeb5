import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listMarkdownFiles, readMarkdown, repository } from './read-markdown.ts';

const files = new Map(listMarkdownFiles().map((path) => [path, readMarkdown(path)]));

/** Why a link leads nowhere; undefined when it works or leads outside of the repository. */
function findLinkProblem(from: string, target: string): string | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(target)) {
    return undefined;
  }
  const [path = '', anchor] = target.split('#');
  const absolute = path === '' ? join(repository, from) : join(repository, dirname(from), path);
  if (!existsSync(absolute)) {
    return 'no such file';
  }
  const file = files.get(relative(repository, absolute));
  if (anchor !== undefined && file && !file.anchors.has(decodeURIComponent(anchor))) {
    return 'no such heading';
  }
  return undefined;
}

describe('links between documents', () => {
  it('finds documents', () => {
    expect([...files.keys()]).toEqual(expect.arrayContaining(['README.md', 'docs/cli.md']));
    expect(files.get('README.md')?.links.length).toBeGreaterThan(5);
  });

  it.each([...files.values()])('$path: every relative link and anchor resolves', (file) => {
    const broken = file.links.flatMap(({ target, line }) => {
      const problem = findLinkProblem(file.path, target);
      return problem ? [`${file.path}:${line}: ${target}: ${problem}`] : [];
    });
    expect(broken).toEqual([]);
  });

  it('reports links to a missing file and a missing heading', () => {
    expect(findLinkProblem('README.md', 'docs/missing.md')).toBe('no such file');
    expect(findLinkProblem('README.md', 'docs/cli.md#missing')).toBe('no such heading');
    expect(findLinkProblem('docs/cli.md', '../CONTRIBUTING.md#contributing')).toBeUndefined();
  });
});

describe('commands in documents', () => {
  const COMMAND = /^\s*(\$ )?(npx|npm|breakwatch|curl|docker|git|go) \S/m;

  it.each([...files.values()])('$path: commands are in ```sh blocks', ({ path, blocks }) => {
    const misplaced = blocks
      .filter(({ language, text }) => !['sh', 'yaml'].includes(language) && COMMAND.test(text))
      .map(({ line }) => `${path}:${line}`);
    expect(misplaced).toEqual([]);
  });
});
