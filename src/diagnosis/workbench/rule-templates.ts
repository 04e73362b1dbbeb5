import { CATEGORIES } from '../../model/vocabulary.ts';
import type { RuleSet } from '../rule.ts';
import { buildPatchSchema } from '../rule-files/build-patch-schema.ts';
import { buildConditionsSchema, buildRuleSchema } from '../rule-files/build-rule-schema.ts';
import { schemaPath } from '../rule-files/schema-path.ts';
import { createDiagnoser } from '../run/create-diagnoser.ts';
import { readTestInput } from '../run/rule-tests.ts';
import { formatRule } from './format-rule.ts';

/** Options of a new rule. */
export interface SkeletonOptions {
  /** `<category>/<name>`. */
  id: string;
  /** The reason that the rule handles. */
  reason: string;
  priority: number;
  /** The current rules. Side, severity, retry and runbook are copied from the rule that wins now. */
  ruleSet: RuleSet;
}

function todo(what: string) {
  return Object.fromEntries(
    ['en', 'zh', 'ja', 'ko'].map((language) => [language, `TODO: ${what} (${language})`]),
  );
}

/**
 * Creates a rule that matches the schema and whose tests pass. Its texts are TODOs, which lint reports. Its
 * second condition is an example, because without one the rule would match every event of its reason.
 */
export async function makeSkeleton(options: SkeletonOptions): Promise<object> {
  const { id, reason, priority, ruleSet } = options;
  const { facts, match } = readTestInput({ reason });
  const now = await createDiagnoser(ruleSet).diagnose(facts, match);
  return {
    $schema: schemaPath(id, 'rule'),
    id,
    name: 'TODO: a short name for lists and pages',
    priority,
    conditions: {
      all: [
        { fact: 'reason', operator: 'equal', value: reason },
        { fact: 'secondsLive', operator: 'lessThan', value: 5 },
      ],
    },
    event: {
      type: id.split('/')[0],
      params: {
        severity: now.severity,
        side: now.side,
        cause: todo('why it broke, in one sentence'),
        fix: [todo('what to do now, imperative')],
        retry: now.retry,
        runbook: now.runbook,
        evidence: ['code', 'secondsLive'],
      },
    },
    tests: [
      { name: 'TODO: what matches', given: { reason, secondsLive: 3 }, expect: 'match' },
      {
        name: 'TODO: what only looks like it',
        given: { reason, secondsLive: 600 },
        expect: 'no-match',
      },
    ],
  };
}

const EXAMPLE_ID = 'client/example-rehearsal';

const example = {
  $schema: '../schema/rule.schema.json',
  id: EXAMPLE_ID,
  name: 'A rehearsal was cut',
  description: 'An example: change the app name to your own, or delete this file.',
  priority: 85,
  conditions: {
    all: [
      { fact: 'reason', operator: 'in', value: ['network', 'idle_no_data', 'client_closed'] },
      { fact: 'app', operator: 'equal', value: 'rehearsal' },
    ],
  },
  event: {
    type: 'client',
    params: {
      severity: 'info',
      side: 'broadcaster',
      cause: {
        en: 'A push of the app rehearsal ended[[ after {{secondsLive}} s]]; there are no viewers.',
        zh: 'rehearsal 应用的推流已结束[[（持续 {{secondsLive}} 秒）]]，没有观众在看。',
        ja: 'アプリ rehearsal のプッシュが[[ {{secondsLive}} 秒で]]終了しました。視聴者はいません。',
        ko: '앱 rehearsal의 푸시가[[ {{secondsLive}}초 만에]] 끝났습니다. 시청자는 없습니다.',
      },
      fix: [
        {
          en: 'Nothing to do; push again when the rehearsal goes on.',
          zh: '无需处理；继续彩排时重新推流即可。',
          ja: '対応は不要です。リハーサルを続けるときに再プッシュしてください。',
          ko: '조치할 것이 없습니다. 리허설을 계속할 때 다시 푸시하세요.',
        },
      ],
      retry: 'none',
      runbook: 'client-stopped',
      evidence: ['app', 'stream', 'secondsLive'],
    },
  },
  tests: [
    {
      name: 'the link of a rehearsal broke',
      given: { errcode: 14, app: 'rehearsal', secondsLive: 90 },
      expect: 'match',
    },
    { name: 'a real show', given: { errcode: 14, app: 'live' }, expect: 'no-match' },
  ],
};

const settings = {
  'json.schemas': [
    {
      fileMatch: CATEGORIES.map((category) => `/${category}/**/*.json`),
      url: './schema/rule.schema.json',
    },
    { fileMatch: ['/patches/**/*.json'], url: './schema/patch.schema.json' },
    { fileMatch: ['/conditions/**/*.json'], url: './schema/conditions.schema.json' },
  ],
  'files.encoding': 'utf8',
  'files.eol': '\n',
  'files.insertFinalNewline': true,
  '[json]': { 'editor.tabSize': 2 },
};

const readme = `# Our Breakwatch rules

These rules override the shipped ones. A rule with the id of a shipped rule replaces it. A rule with
another id is added. An upgrade of Breakwatch overwrites nothing here. After an upgrade, run
\`rules init\` again on this folder to update \`schema/\`.

\`\`\`
<category>/<name>.json   one rule: ${CATEGORIES.join(' ')}
conditions/<name>.json   conditions that several rules share, by name
patches/<name>.json      changes of severity, alert, runbook or texts of a shipped rule
runbooks/<name>.md       our own runbooks, if a rule names one
schema/                  JSON schema of rules, for editors
.vscode/                 settings for VS Code, when it opens this folder
\`\`\`

Set \`BREAKWATCH_RULES=<this folder>\` to use these rules. A running server loads changed files within
two seconds, unless one of them is invalid.

| to | run |
|---|---|
| start a rule | \`breakwatch rules new client/our-rule --reason client_closed --dir .\` |
| change a part of a shipped rule | \`breakwatch rules patch network/link-error --dir .\` |
| check everything | \`breakwatch rules check .\` |
| explain the diagnosis of an event | \`breakwatch rules explain event.json --rules .\` |
| format the files | \`breakwatch rules fmt .\` |
| compare with the shipped rules | \`breakwatch rules diff .\` |
| find rules that can never win | \`breakwatch rules shadow .\` |
| diagnose past breaks with them | \`breakwatch rules backtest --rules . --data <data folder>\` |

\`${EXAMPLE_ID}.json\` is an example.
`;

/** A file of a new team folder. */
export interface TeamFile {
  /** Path in the folder, with forward slashes. */
  file: string;
  text: string;
  /** True: generated, and overwritten by every run. False: the team's own, written once. */
  ours: boolean;
}

/**
 * Creates the files of a team's rules folder: a guide, the schema with settings for VS Code, and one rule that
 * passes lint and its tests.
 */
export function makeTeamFolder(): TeamFile[] {
  return [
    { file: 'README.md', text: readme, ours: false },
    {
      file: 'schema/rule.schema.json',
      text: `${JSON.stringify(buildRuleSchema(), null, 2)}\n`,
      ours: true,
    },
    {
      file: 'schema/patch.schema.json',
      text: `${JSON.stringify(buildPatchSchema(), null, 2)}\n`,
      ours: true,
    },
    {
      file: 'schema/conditions.schema.json',
      text: `${JSON.stringify(buildConditionsSchema(), null, 2)}\n`,
      ours: true,
    },
    { file: '.vscode/settings.json', text: `${JSON.stringify(settings, null, 2)}\n`, ours: false },
    { file: `${EXAMPLE_ID}.json`, text: formatRule(example), ours: false },
  ];
}
