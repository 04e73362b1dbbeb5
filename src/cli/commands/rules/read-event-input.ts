import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import type { RuleTestInput } from '../../../diagnosis/rule.ts';
import { readTestInput } from '../../../diagnosis/run/index.ts';
import { FACT_NAMES } from '../../../model/fact-catalogue.ts';
import type { Facts } from '../../../model/facts.ts';
import type { ReasonMatch } from '../../../reasons/match-reason.ts';
import { reasonById } from '../../../reasons/reason-catalogue.ts';
import { maskedError } from '../../../secrets/masked-error.ts';
import { readEvent } from '../../input/read-event.ts';
import { sayWaitingForInput } from '../../output/show-progress.ts';

const GIVEN_KEYS = new Set([...FACT_NAMES, 'text']);

async function readSource(source: string): Promise<string> {
  if (source.trimStart().startsWith('{')) {
    return source;
  }
  if (source === '-') {
    sayWaitingForInput();
  }
  try {
    return source === '-' ? await readAll(process.stdin) : await readFile(source, 'utf8');
  } catch (thrown) {
    throw maskedError('FILE_UNREADABLE', {
      file: source,
      problem: (thrown as Error).message,
    });
  }
}

/** Facts by name, as the `given` of a rule's test. */
function isGiven(value: object): value is RuleTestInput {
  return Object.keys(value).every((key) => GIVEN_KEYS.has(key));
}

function checkGiven(given: RuleTestInput): RuleTestInput {
  for (const [name, value] of Object.entries(given)) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      throw maskedError('BAD_EVENT', {
        problem: `${name} must be a string, a number or a boolean`,
      });
    }
  }
  if (given.reason !== undefined && !reasonById(String(given.reason))) {
    throw maskedError('BAD_EVENT', { problem: `the reason ${given.reason} does not exist` });
  }
  const { reasonText } = given;
  return typeof reasonText === 'string' ? { text: reasonText, ...given } : given;
}

/**
 * Reads the event of a command line: JSON itself, a file, or `-` for standard input. It may be an
 * event in any form that `breakwatch diagnose` takes, or facts by name as in a rule's test.
 *
 * @throws BreakwatchError FILE_UNREADABLE, BAD_JSON, BAD_EVENT
 */
export async function readEventInput(
  source: string,
): Promise<{ facts: Facts; match: ReasonMatch }> {
  const text = await readSource(source);
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (thrown) {
    throw maskedError('BAD_JSON', { problem: (thrown as Error).message });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && isGiven(value)) {
    return readTestInput(checkGiven(value));
  }
  return readEvent(value);
}
