import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const folder = fileURLToPath(new URL('../../packaging/rules-ci', import.meta.url));

/** A step of a template with the script that a runner would run. */
interface Step {
  name: string;
  script: string;
  env: Record<string, string>;
}

/**
 * The steps of the GitHub template that have a script.
 *
 * @param values - what the runner puts in place of `${{ … }}`, by the text between the braces
 */
export function githubSteps(values: Readonly<Record<string, string>>): Step[] {
  const { env, jobs } = parse(readFileSync(join(folder, 'github.yml'), 'utf8')) as {
    env: Record<string, string>;
    jobs: { rules: { steps: { name?: string; run?: string; env?: Record<string, string> }[] } };
  };
  const fill = (text: string) =>
    text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_all, name: string) => values[name] ?? '');
  return jobs.rules.steps.flatMap(({ name = '', run, env: own = {} }) =>
    run === undefined
      ? []
      : [
          {
            name,
            script: run,
            env: Object.fromEntries(
              Object.entries({ ...env, ...own }).map(([key, value]) => [key, fill(value)]),
            ),
          },
        ],
  );
}

/** The script of the GitLab template, as one step. */
export function gitlabStep(): Step {
  const { 'breakwatch-rules': job } = parse(readFileSync(join(folder, 'gitlab.yml'), 'utf8')) as {
    'breakwatch-rules': { variables: Record<string, string | number>; script: string[] };
  };
  return {
    name: 'breakwatch-rules',
    script: job.script.join('\n'),
    env: Object.fromEntries(
      Object.entries(job.variables).map(([name, value]) => [name, String(value)]),
    ),
  };
}

/** What GitLab tells a job of a merge request into `main`. */
export const GITLAB_VARIABLES = {
  CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
  RULES_TOKEN: 'token',
  CI_API_V4_URL: 'https://gitlab.example.com/api/v4',
  CI_PROJECT_ID: '7',
  CI_MERGE_REQUEST_IID: '3',
} as const;

/** Stands for the program that comments on GitHub: it keeps the comment in the folder `COMMENTS`. */
export const GH = 'while [ "$1" != --body-file ]; do shift; done; cp "$2" "$COMMENTS/github.md"';
/** Stands for the program that comments on GitLab: it keeps the comment and its own arguments. */
export const CURL = 'cp comment.md "$COMMENTS/gitlab.md"; echo "$@" > "$COMMENTS/curl.txt"';
