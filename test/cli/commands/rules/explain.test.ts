import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { columnsOf } from '../../../../src/cli/output/wrap-text.ts';
import { createRulesFolder, makeRule, type RulesFolder } from '../../../helpers/rules-folder.ts';
import { runBreakwatch, runHosted } from '../../../helpers/run-breakwatch.ts';

let rules: RulesFolder;
beforeEach(() => {
  rules = createRulesFolder();
});
afterEach(() => rules.remove());

function explain(args: string[], input = '', start = runHosted) {
  return start(['rules', 'explain', ...args], { cwd: rules.path, input });
}

const EXPIRED = '{"errcode": 18, "subErrcode": 501, "secondsPastExpiry": 840}';

describe('breakwatch rules explain', () => {
  it('reads JSON, a file or standard input, and fits 80 columns in every language', async () => {
    rules.put('event.json', `\ufeff${EXPIRED}`);
    const { code, output } = await explain([EXPIRED]);
    expect(code).toBe(0);
    expect(output).toContain('auth/url-expired: Push URL expired\n');
    expect(output).toContain('had expired 14 min before');
    expect(output).toContain('FAIL  time since URL expiry at the start of the push: 14 min (rule:');
    expect(output).toContain('    could match if known: previousReason, breaksOfStream10m\n');
    expect((await explain(['event.json'])).output).toBe(output);
    expect((await explain([], EXPIRED, runBreakwatch)).output).toBe(output);
    for (const language of ['zh', 'ja', 'ko']) {
      const translated = (await explain(['-', '--lang', language], EXPIRED)).output;
      expect(translated).not.toBe(output);
      expect(translated.split('\n').filter((line) => columnsOf(line) > 80)).toEqual([]);
    }
  });

  it('accepts an event as CSS sends it, and rules of a folder', async () => {
    rules.put('network/x.json', makeRule('network/x', {}));
    const event =
      '{"StreamName": "s", "StopReason": "推流链路网络异常", "StreamEndTime": "2026-01-07T12:00:09Z"}';
    const { code, output } = await explain([event, '--rules', '.', '--json']);
    expect(code).toBe(0);
    const explained = JSON.parse(output);
    expect(explained.winner.id).toBe('network/x');
    expect(explained.won).toEqual({ by: 'priority', runnerUp: 'network/link-error' });
    expect(explained.diagnosis.rule).toBeTruthy();
    expect(explained.facts.stream).toBe('s');
  });

  it.each([
    ['no JSON', '{', 'BAD_JSON'],
    ['no event', '[]', 'BAD_EVENT'],
    ['an unknown reason', '{"reason": "moon"}', 'BAD_EVENT'],
    ['a list', '{"errcode": [18]}', 'BAD_EVENT'],
  ])('%s: reports it', async (_name, input, error) => {
    const { code, errors } = await explain(['-'], input);
    expect(code).toBe(2);
    expect(errors).toContain(error);
  });

  it('reports a missing file', async () => {
    expect((await explain(['nowhere.json'])).errors).toContain('FILE_UNREADABLE');
  });
});
