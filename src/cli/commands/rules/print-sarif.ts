import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Finding } from '../../../diagnosis/rule-files/index.ts';

/** A path as SARIF wants it: a URL, relative to the root of the repository where possible. */
function uriOf(shown: string) {
  return isAbsolute(shown)
    ? { uri: pathToFileURL(shown).href }
    : { uri: encodeURI(shown.replaceAll('\\', '/')), uriBaseId: '%SRCROOT%' };
}

/**
 * Formats findings as SARIF 2.1.0, which GitHub code scanning and other tools read.
 *
 * @param shown - path of the file of a finding, relative to the working directory
 * @param words - text of a finding
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function printSarif(
  findings: readonly Finding[],
  shown: (file: string) => string,
  words: (finding: Finding) => string,
): string {
  const checks = [...new Set(findings.map(({ check }) => check))].sort();
  return `${JSON.stringify({
    $schema:
      'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'breakwatch',
            rules: checks.map((check) => ({
              id: check,
              shortDescription: { text: `breakwatch rules: ${check}` },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => ({
          ruleId: finding.check,
          ruleIndex: checks.indexOf(finding.check),
          level: finding.level,
          message: { text: words(finding) },
          locations: [
            {
              physicalLocation: {
                artifactLocation: uriOf(shown(finding.file)),
                region: { startLine: finding.line, startColumn: finding.column },
              },
            },
          ],
        })),
      },
    ],
  })}\n`;
}
