import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatRule } from '../../../../src/diagnosis/workbench/index.ts';
import { createRulesFolder, makeRule, type RulesFolder } from '../../../helpers/rules-folder.ts';
import { runHosted } from '../../../helpers/run-breakwatch.ts';

let work: RulesFolder;
beforeEach(() => {
  work = createRulesFolder();
});
afterEach(() => work.remove());

function run(command: string, ...args: string[]) {
  return runHosted(['rules', command, ...args], { cwd: work.path });
}
const put = (file: string, rule: object) => work.put(file, formatRule(rule));
/** Wins only where no shipped rule does better, so that it disturbs none. */
const ownRule = (id: string, stream: string) =>
  makeRule(id, {
    conditions: {
      all: [
        { fact: 'reason', operator: 'equal', value: 'network' },
        { fact: 'stream', operator: 'equal', value: stream },
      ],
    } as never,
    tests: [
      { name: 'ours', given: { errcode: 14, stream }, expect: 'match' },
      { name: 'near miss', given: { errcode: 14, stream: 'other' }, expect: 'no-match' },
    ],
  });

describe('breakwatch rules check', () => {
  it('finds nothing in a folder without mistakes', async () => {
    put('ours/network/good.json', ownRule('network/good', 'a'));
    const { code, output, errors } = await run('check', 'ours', '--strict');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/^1 rule, \d+ tests: 0 errors, 0 warnings\n$/);
  });

  it('runs lint, tests, shadow and format at once, each mistake once', async () => {
    put('ours/network/lint.json', makeRule('network/lint', { tests: [] as never }));
    put('ours/network/languages.json', {
      ...ownRule('network/languages', 'l'),
      event: makeRule('network/languages', { params: { fix: [{ en: 'Do it.' }] } }).event,
    });
    put('ours/network/test.json', {
      ...ownRule('network/test', 't'),
      tests: [
        { name: 'wrong', given: { errcode: 14, stream: 'other' }, expect: 'match' },
        { name: 'near miss', given: { errcode: 14, stream: 'other' }, expect: 'no-match' },
      ],
    });
    put('ours/network/tie-a.json', ownRule('network/tie-a', 'tie'));
    put('ours/network/tie-b.json', {
      ...ownRule('network/tie-b', 'tie'),
      tests: ownRule('x', 'u').tests,
    });
    work.put('ours/network/format.json', JSON.stringify(ownRule('network/format', 'f')));
    const { code, output } = await run('check', 'ours', '--json');
    expect(code).toBe(1);
    const { findings, files } = JSON.parse(output) as {
      findings: { check: string; file: string }[];
      files: number;
    };
    const of = (file: string) =>
      findings.filter((one) => one.file === `ours/network/${file}.json`).map(({ check }) => check);
    expect(files).toBe(6);
    expect(of('lint')).toEqual(['schema']);
    expect(of('languages')).toEqual(['language']);
    expect(of('test')).toEqual(['test']);
    expect(of('tie-b')).toEqual(['test', 'shadowed']);
    expect(of('format')).toEqual(['format']);
  });

  it('formats patches and shared conditions too', async () => {
    put('ours/network/good.json', ownRule('network/good', 'a'));
    const patch = '{"patch":{"event":{"params":{"runbook":"network-link","severity":"info"}}},';
    work.put(
      'ours/patches/link.json',
      `${patch}"rule":"network/link-error","against":"000000000000"}`,
    );
    work.put(
      'ours/conditions/ours.json',
      '{"ours":{"any":[{"value":"a","fact":"stream","operator":"equal"}]},"both":{"all":[{"priority":2,"condition":"ours"}]}}',
    );
    const unformatted = async (command: string, ...rest: string[]) => {
      const { findings } = JSON.parse((await run(command, 'ours', ...rest, '--json')).output);
      return (findings as { check: string; file: string }[])
        .filter(({ check }) => check === 'format')
        .map(({ file }) => file);
    };
    const both = ['ours/conditions/ours.json', 'ours/patches/link.json'];
    expect(await unformatted('check')).toEqual(both);
    expect(await unformatted('fmt', '--check')).toEqual(both);

    expect((await run('fmt', 'ours')).output).toBe('3 files: 2 changed\n');
    const read = (file: string) => readFileSync(join(work.path, file), 'utf8');
    expect(read('ours/patches/link.json')).toBe(`{
  "rule": "network/link-error",
  "against": "000000000000",
  "patch": {
    "event": {
      "params": {
        "severity": "info",
        "runbook": "network-link"
      }
    }
  }
}
`);
    expect(read('ours/conditions/ours.json')).toBe(`{
  "ours": {
    "any": [
      {
        "fact": "stream",
        "operator": "equal",
        "value": "a"
      }
    ]
  },
  "both": {
    "all": [
      {
        "condition": "ours",
        "priority": 2
      }
    ]
  }
}
`);
    expect(await unformatted('check')).toEqual([]);
    expect(await unformatted('fmt', '--check')).toEqual([]);
  });

  it.each(['patches', 'conditions'])('reports broken JSON in %s once', async (folder) => {
    put('ours/network/good.json', ownRule('network/good', 'a'));
    work.put(`ours/${folder}/broken.json`, '{"rule": ');
    for (const words of [['check'], ['fmt', '--check'], ['fmt']]) {
      const [command = '', ...rest] = words;
      const { code, output } = await run(command, 'ours', ...rest);
      expect(code).toBe(1);
      expect(output.match(/broken\.json:1:\d+: error/g)).toHaveLength(1);
    }
  });

  it('prints SARIF', async () => {
    work.put('ours/network/ä b.json', '{');
    const { code, output } = await run('check', 'ours', '--format', 'sarif');
    expect(code).toBe(1);
    const { version, runs } = JSON.parse(output);
    expect(version).toBe('2.1.0');
    expect(runs[0].tool.driver.rules[0].id).toBe('syntax');
    expect(runs[0].results[0]).toEqual({
      ruleId: 'syntax',
      ruleIndex: 0,
      level: 'error',
      message: { text: expect.any(String) },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'ours/network/%C3%A4%20b.json', uriBaseId: '%SRCROOT%' },
            region: { startLine: 1, startColumn: 2 },
          },
        },
      ],
    });
  });
});

describe('files and patterns', () => {
  beforeEach(() => {
    work.put('ours/network/bad.json', '{');
    put('ours/network/good.json', ownRule('network/good', 'a'));
    put('ours/network/network/deep.json', ownRule('network/network/deep', 'd'));
  });

  it.each(['check', 'lint', 'fmt --check', 'test', 'shadow'])(
    '%s: counts the named files only',
    async (words) => {
      const [command = '', ...rest] = words.split(' ');
      const codeOf = async (...names: string[]) => (await run(command, ...names, ...rest)).code;
      expect(await codeOf('ours')).toBe(1);
      expect(await codeOf('ours/network/good.json')).toBe(0);
      expect(await codeOf('./ours/network/network/deep.json')).toBe(0);
      expect(await codeOf(join(work.path, 'ours/network/good.json'))).toBe(0);
      expect(await codeOf('ours/network/good.json', 'ours/network/bad.json')).toBe(1);
      expect(await codeOf('ours/network/g*.json')).toBe(0);
      expect(await codeOf('ours/**/*.json')).toBe(1);
    },
  );

  it('lints a file by its place in its folder', async () => {
    expect((await run('lint', 'ours/network/network/deep.json')).output).toMatch(
      /^1 rule: 0 errors/,
    );
  });

  it('formats only the named files', async () => {
    work.put('ours/network/a.json', JSON.stringify(ownRule('network/a', 'a')));
    work.put('ours/network/b.json', JSON.stringify(ownRule('network/b', 'b')));
    expect((await run('fmt', 'ours/network/a.json')).output).toBe('1 file: 1 changed\n');
    expect((await run('fmt', 'ours/network/b.json', '--check')).code).toBe(1);
  });

  it.each([
    ['ours/network/none.json', 'there is no such file'],
    ['ours/none*.json', 'no file matches this pattern'],
    ['ours/network/x.yaml', 'the name of a rule ends in .json'],
  ])('reports %s', async (name, problem) => {
    work.put('ours/network/x.yaml', 'id: network/x');
    const { code, errors } = await run('check', name);
    expect(code).toBe(2);
    expect(errors).toContain(`RULES_TARGET_MISSING: Cannot check ${name}: `);
    expect(errors).toContain(problem);
  });
});

describe('what nothing reads', () => {
  it('is named with the folder where it belongs', async () => {
    put('ours/network/good.json', ownRule('network/good', 'a'));
    work.put('ours/package.json', '{ "name": "ours" }');
    work.put('ours/catalog/more.json', '{ "texts": [] }');
    work.put('ours/patch/network.json', '{ "rule": "network/link-error", "patch": {} }');
    work.put('ours/shared.json', '{ "nights": { "all": [] } }');
    work.put('ours/netwrk/cut.json', '{ "id": ');
    const { code, output } = await run('lint', 'ours');
    expect(code).toBe(1);
    expect(output).toContain(
      'ours/catalog/more.json:1:1: error: put this catalogue into the folder catalogues (folder)',
    );
    expect(output).toContain(
      'ours/patch/network.json:1:1: error: put this patch into the folder patches (folder)',
    );
    expect(output).toContain(
      'ours/shared.json:1:1: error: put this file of shared conditions into the folder conditions',
    );
    expect(output).toMatch(/ours\/netwrk\/cut\.json:1:\d+: error: .* \(syntax\)/);
    expect(output).not.toContain('package.json');

    const named = await run('lint', 'ours/package.json');
    expect(named.code).toBe(1);
    expect(named.output).toContain('ours/package.json:1:1: error: this file is not read; ');
  });

  it('a catalogue named like a shipped one may be its copy, and nothing else', async () => {
    put('ours/network/good.json', ownRule('network/good', 'a'));
    const shipped = new URL('../../../../rules/catalogues/reasons.json', import.meta.url);
    work.put('ours/catalogues/reasons.json', readFileSync(shipped, 'utf8'));
    const copy = await run('lint', 'ours');
    expect(copy.code).toBe(0);
    expect(copy.output).toContain('warning: this file is not read');

    work.put('ours/catalogues/reasons.json', '{ broken');
    const broken = await run('lint', 'ours');
    expect(broken.code).toBe(1);
    expect(broken.output).toContain('error: this file is not read');
    expect(broken.output).toContain('give it another name');
  });

  it.each(['check', 'lint', 'test', 'shadow', 'fmt'])('%s reports it', async (command) => {
    mkdirSync(join(work.path, 'empty/network'), { recursive: true });
    work.put('empty/package.json', '{}');
    const empty = await run(command, 'empty');
    expect(empty.code).toBe(1);
    expect(empty.output).toContain('empty:1:1: error: there is no rule in this folder');

    put('ours/network/good.json', ownRule('network/good', 'a'));
    work.put('ours/network/other.yaml', 'id: network/other');
    work.put('ours/auth/OTHER.JSON', '{}');
    work.put('ours/network/README.md', 'Notes.');
    const others = await run(command, 'ours');
    expect(others.code).toBe(1);
    expect(others.output).toContain('ours/network/other.yaml:1:1: error: this file is not read');
    expect(others.output).toContain('ours/auth/OTHER.JSON:1:1: error: this file is not read');
    expect(others.output).not.toContain('README.md');
  });

  it.each(['check', 'lint', 'test', 'shadow'])(
    '%s reports a broken catalogue, and one that is not read',
    async (command) => {
      put('ours/network/good.json', ownRule('network/good', 'a'));
      work.put('ours/catalogues/ours.json', '{"reasons": 1}');
      work.put('ours/catalogues/reasons.json', '{}');
      const { code, output } = await run(command, 'ours');
      expect(code).toBe(1);
      expect(output).toContain('ours/catalogues/ours.json:1:');
      expect(output).toContain('ours/catalogues/reasons.json:1:1: error: this file is not read');
    },
  );
});
