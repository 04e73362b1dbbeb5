import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LoadedRule } from '../../src/diagnosis/rule.ts';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';

/** A temporary rules folder. */
export interface RulesFolder {
  path: string;
  /** Writes a file below the folder and returns its path. */
  put(file: string, content: string | object): string;
  remove(): void;
}

/** Creates an empty, temporary rules folder. */
export function createRulesFolder(): RulesFolder {
  const path = mkdtempSync(join(tmpdir(), 'breakwatch-rules-'));
  return {
    path,
    put(file, content) {
      const target = join(path, file);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(
        target,
        typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`,
      );
      return target;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Text of a shipped rule. */
export function shippedRule(id: string): string {
  return readFileSync(join(shippedRulesFolder(), `${id}.json`), 'utf8');
}

/** The content of a rule file, with changes. */
export function makeRule(
  id: string,
  parts: Partial<Omit<LoadedRule, 'event'>> & { params?: object } = {},
) {
  const { params, ...rest } = parts;
  const text = { en: `Cause of ${id}.`, zh: '原因。', ja: '原因。', ko: '원인.' };
  return {
    id,
    name: id,
    priority: 90,
    conditions: { all: [{ fact: 'reason', operator: 'equal', value: 'network' }] },
    tests: [
      { name: 'match', given: { errcode: 14 }, expect: 'match' },
      { name: 'near miss', given: { errcode: 5 }, expect: 'no-match' },
    ],
    ...rest,
    event: {
      type: id.split('/')[0],
      params: {
        severity: 'warning',
        side: 'network',
        cause: text,
        fix: [text],
        retry: '30s',
        runbook: 'network-link',
        evidence: ['node', 'clientIp'],
        ...params,
      },
    },
  };
}
