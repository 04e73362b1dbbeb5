import { reportError } from '../../output/log.ts';

/**
 * Runs a command of the workbench and sets its exit code: 0 clean, 1 findings, 2 when it could not
 * be run, so that a build can tell bad rules from a bad call.
 *
 * @param check - resolves with whether all is clean
 */
export async function runCheck(check: () => Promise<boolean>): Promise<void> {
  try {
    process.exitCode = (await check()) ? 0 : 1;
  } catch (thrown) {
    reportError(thrown);
    process.exitCode = 2;
  }
}
