import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiEntry } from '../../../src/css/api/api-entry.ts';
import { loadPack, loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { matchReason, setTeamTexts } from '../../../src/reasons/match-reason.ts';
import { runHosted } from '../../helpers/run-breakwatch.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-catalogue-'));
  await mkdir(join(folder, 'catalogues'));
});
afterEach(async () => {
  setTeamTexts([]);
  await rm(folder, { recursive: true });
});

const UPLINK = { reason: 'network', language: 'en', text: 'The uplink went away.' };

async function load(files: Record<string, unknown>) {
  for (const [name, content] of Object.entries(files)) {
    const text =
      typeof content === 'string' ? content : JSON.stringify({ texts: content }, null, 2);
    await writeFile(join(folder, 'catalogues', name), text);
  }
  const loaded = await loadRules([shippedRulesFolder(), folder]);
  return {
    ...loaded,
    said: loaded.problems.map(
      ({ file, line, message }) => `${file.slice(folder.length + 12)}:${line} ${message}`,
    ),
  };
}

describe("a team's reason texts", () => {
  it('are matched as the shipped ones are, and change the hash of the rule set', async () => {
    const without = await loadRules([shippedRulesFolder(), folder]);
    const { ruleSet, said } = await load({ 'ours.json': [UPLINK] });
    expect(said).toEqual([]);
    expect(ruleSet.texts).toEqual([UPLINK]);
    expect(ruleSet.hash).not.toBe(without.ruleSet.hash);
    expect((await loadPack([shippedRulesFolder(), folder])).ruleSet.hash).toBe(ruleSet.hash);
    expect(matchReason({ text: 'the uplink went away' }).reason).toBe('unrecognized');
    setTeamTexts(ruleSet.texts ?? []);
    expect(matchReason({ text: 'the uplink  went away' })).toMatchObject({
      reason: 'network',
      by: 'text',
    });
    setTeamTexts([]);
    expect(matchReason({ text: 'the uplink went away' }).reason).toBe('unrecognized');
  });

  it('do not change the key of an API record, so that it is not counted twice', async () => {
    const info = {
      StreamName: 's',
      StreamEndTime: '2026-03-01T12:00:00Z',
      StopReason: UPLINK.text,
    };
    const { key } = apiEntry('default', info as never, 0);
    setTeamTexts([UPLINK]);
    expect(apiEntry('default', info as never, 0).key).toBe(key);
  });

  it('that contradict the shipped catalogue or each other are named, the others used', async () => {
    const { ruleSet, said } = await load({
      'a.json': [
        UPLINK,
        { reason: 'arrears', language: 'zh', text: '推流链路网络异常' },
        { reason: 'network', language: 'zh', text: '推流链路网络异常' },
        { reason: 'netwrok', language: 'en', text: 'Gone.' },
        { reason: 'network', language: 'fr', text: 'Parti.' },
        { reason: 'network', language: 'en', text: ' ' },
        'text',
      ],
      'b.json': [
        { ...UPLINK, reason: 'proxy_cut', text: 'the uplink went away' },
        { reason: 'proxy_cut', language: 'en', text: 'Moved to another proxy.' },
      ],
      'c.json': '{"texts": [',
      'd.json': '{"words": []}',
    });
    expect(ruleSet.texts?.map(({ text }) => text)).toEqual([
      UPLINK.text,
      'Moved to another proxy.',
    ]);
    expect(said).toEqual([
      expect.stringMatching(/^a\.json:8 CATALOGUE_CONTRADICTS: .*arrears.*network.*Remove/),
      expect.stringMatching(/^a\.json:18 CATALOGUE_BAD_ENTRY: .*did you mean "network"/),
      expect.stringMatching(/^a\.json:23 CATALOGUE_BAD_ENTRY: .*language must be one of/),
      expect.stringMatching(/^a\.json:28 CATALOGUE_BAD_ENTRY: .*text must be a string/),
      expect.stringMatching(/^a\.json:33 CATALOGUE_BAD_ENTRY: .*must be an object/),
      expect.stringMatching(/^b\.json:3 CATALOGUE_AMBIGUOUS: .*network \(.*a\.json:3\).*Keep one/),
      expect.stringMatching(/^c\.json:1 /),
      expect.stringMatching(/^d\.json:1 CATALOGUE_BAD_ENTRY: .*"words" is not supported/),
      expect.stringMatching(/^d\.json:1 CATALOGUE_BAD_ENTRY: .*list "texts"/),
    ]);
  });

  it('are used by commands, and the unrecognized text says where to add one', async () => {
    await writeFile(join(folder, 'catalogues', 'ours.json'), JSON.stringify({ texts: [UPLINK] }));
    const input = `${JSON.stringify({ reasonText: UPLINK.text })}\n{"reasonText": "Sun spots."}\n`;
    const { output, errors } = await runHosted(['diagnose'], {
      input,
      environment: { BREAKWATCH_RULES: folder },
    });
    expect(errors).toBe('');
    const [known, unknown] = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(known).toMatchObject({ reason: 'network', category: 'network' });
    expect(unknown).toMatchObject({ rule: 'unknown/unrecognized' });
    expect(unknown.fix.join(' ')).toContain('catalogues/*.json');
  });
});
