import { copyFile, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CheckedEdit } from '../../contract/rules.ts';
import { type LoadedRule, RULE_ID_PATTERN, type RuleSet } from '../../diagnosis/rule.ts';
import { loadPack, makeRuleSet } from '../../diagnosis/rule-files/index.ts';
import { createIsTouched, judgeRuleTests } from '../../diagnosis/run/index.ts';
import {
  compareWithEngine,
  diffRules,
  lintRules,
  makePatch,
} from '../../diagnosis/workbench/index.ts';
import type { Language } from '../../model/vocabulary.ts';
import { type RuleViews, sourceOf } from './rule-views.ts';

/** Findings and broken tests of other rules that are shown. */
const MAX_SHOWN = 50;
const RULE_ID = new RegExp(RULE_ID_PATTERN);
/** The file of a text that does not say which rule it is. */
const NO_ID = 'unknown/edit';

/** A text that somebody pasted. */
interface Edit {
  text: string;
  kind: CheckedEdit['kind'];
  id: string | null;
  runbook: string | null;
}

function readEdit(text: string): Edit {
  let value: Record<string, unknown> | null = null;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, '')) as Record<string, unknown> | null;
  } catch {
    // Lint says what is wrong, and where.
  }
  const kind = typeof value?.rule === 'string' && 'patch' in value ? 'patch' : 'rule';
  const id = kind === 'patch' ? value?.rule : value?.id;
  const event = value?.event as { params?: { runbook?: unknown } } | undefined;
  const runbook = event?.params?.runbook;
  return {
    text,
    kind,
    id: typeof id === 'string' && RULE_ID.test(id) ? id : null,
    runbook: typeof runbook === 'string' && /^[a-z0-9-]+$/i.test(runbook) ? runbook : null,
  };
}

/**
 * Lays an edit into an empty folder, as it would lie in the team's: with the team's shared conditions and catalogues.
 *
 * @param own - folders of the team
 * @returns path of the edited file
 */
async function layOut(edit: Edit, folder: string, own: readonly string[]): Promise<string> {
  const name = `${edit.id ?? NO_ID}.json`;
  const file = join(folder, edit.kind === 'patch' ? join('patches', name) : name);
  for (const one of own) {
    for (const part of ['conditions', 'catalogues']) {
      await cp(join(one, part), join(folder, part), { recursive: true, dereference: true }).catch(
        () => undefined,
      );
    }
    if (edit.kind === 'patch') {
      // A rule of the team is not patched but changed; the loader says so when it sees both.
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await copyFile(join(one, name), join(folder, name)).catch(() => undefined);
    }
    if (edit.runbook !== null) {
      const runbook = join('runbooks', `${edit.runbook}.md`);
      await mkdir(join(folder, 'runbooks'), { recursive: true });
      await copyFile(join(one, runbook), join(folder, runbook)).catch(() => undefined);
    }
  }
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, edit.text);
  return file;
}

/** Lints an edit and loads its rule. */
async function load(
  edit: Edit,
  folders: readonly string[],
): Promise<{ findings: CheckedEdit['findings']; rule: LoadedRule | null }> {
  const [shipped = '', ...own] = folders;
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-try-'));
  try {
    const path = await layOut(edit, folder, own);
    const below = edit.kind === 'patch' ? [shipped] : folders;
    const today = new Date().toISOString().slice(0, 10);
    const { findings } = await lintRules([folder], { today, below });
    const pack = await loadPack([folder], edit.kind === 'patch' ? [shipped] : []);
    const isLoaded = !pack.problems.some(({ file }) => file === path);
    const rule = pack.ruleSet.rules.find(({ id }) => id === edit.id);
    return {
      findings: findings
        .filter(({ file }) => file === path)
        .slice(0, MAX_SHOWN)
        .map(({ file: _file, ...finding }) => finding),
      rule: (isLoaded && rule) || null,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An edit that was checked. */
export interface EditToTry {
  checked: CheckedEdit;
  /** The rules with the edit; null when its rule cannot be loaded or changes nothing. */
  after: RuleSet | null;
}

/**
 * Checks an edit of a rule: lint, what it changes, the tests of the rule, on json-rules-engine too, and the tests of
 * other rules that it would break. Nothing stays on the disk.
 *
 * @param text - a rule or a patch as the text of its file
 * @param views - the rules in force
 * @param folders - the shipped folder first, then the team's
 * @param shipped - the shipped rules by id
 */
export async function checkEdit(
  text: string,
  views: RuleViews,
  folders: readonly string[],
  shipped: ReadonlyMap<string, LoadedRule>,
  language: Language,
): Promise<EditToTry> {
  const { set } = views;
  const edit = readEdit(text);
  const { findings, rule } = await load(edit, folders);
  const present = set.rules.find(({ id }) => id === edit.id);
  const checked: CheckedEdit = {
    kind: edit.kind,
    id: edit.id,
    isKnown: present !== undefined,
    findings,
    changes: null,
    tests: [],
    broken: [],
    patch: null,
    rule: null,
  };
  if (!rule) {
    return { checked, after: null };
  }
  const others = set.rules.filter(({ id }) => id !== rule.id);
  const after = makeRuleSet([...others, rule], set.catalogue);
  const { changed } = diffRules(set, after, language);
  const isTouched = createIsTouched(after, () => 0, views.tested());
  const outcomes = judgeRuleTests(
    after,
    isTouched && ((one, facts) => one.id === rule.id || isTouched(one, facts)),
  );
  const before = new Map(
    views.tests().map(({ rule: one, name, holds }) => [`${one.id} ${name}`, holds]),
  );
  const broken = outcomes.filter(
    ({ rule: one, name, holds }) =>
      one.id !== rule.id && !holds && before.get(`${one.id} ${name}`) === true,
  );
  const differences = await compareWithEngine({ hash: rule.hash, rules: [rule] });
  const base = shipped.get(rule.id);
  return {
    checked: {
      ...checked,
      findings: [
        ...findings,
        ...differences.map(({ test, compiled, jsonRulesEngine }) => ({
          level: 'error' as const,
          check: 'engine',
          line: 1,
          column: 1,
          message: `test "${test}": json-rules-engine says "${jsonRulesEngine}", the compiled rule says "${compiled}"; please report this bug`,
        })),
      ],
      changes: changed[0]?.changes ?? [],
      tests: outcomes
        .filter((outcome) => outcome.rule.id === rule.id)
        .map(({ name, expected, winner, holds }) => ({ name, expected, winner, holds })),
      broken: broken
        .slice(0, MAX_SHOWN)
        .map(({ rule: one, name, winner }) => ({ rule: one.id, name, winner })),
      patch: base ? makePatch(base, rule) : null,
      rule: sourceOf(rule),
    },
    // The order of the parts alone changes no verdict but the hash.
    after: after.hash === set.hash ? null : after,
  };
}
