/** The part of Stryker's report that is read: https://stryker-mutator.io/docs/mutation-testing-elements. */
interface MutationReport {
  files: Record<string, { mutants: Mutant[] }>;
}

interface Mutant {
  mutatorName: string;
  status:
    | 'Killed'
    | 'Timeout'
    | 'Survived'
    | 'NoCoverage'
    | 'RuntimeError'
    | 'CompileError'
    | 'Ignored';
  replacement?: string;
  location: { start: { line: number; column: number } };
}

/** Tests notice a fault by failing or by never ending. */
const NOTICED = new Set<Mutant['status']>(['Killed', 'Timeout']);
const COUNTED = new Set<Mutant['status']>(['Killed', 'Timeout', 'Survived', 'NoCoverage']);

/** @returns a table of files, each fault that no test noticed, and the part that was noticed, % */
export function summarizeRun({ files }: MutationReport): { text: string; score: number } {
  const lines: string[] = [];
  let faults = 0;
  let noticed = 0;
  for (const [file, { mutants }] of Object.entries(files)) {
    const counted = mutants.filter(({ status }) => COUNTED.has(status));
    const own = counted.filter(({ status }) => NOTICED.has(status)).length;
    faults += counted.length;
    noticed += own;
    lines.push(`${file}: ${own} of ${counted.length}`);
    for (const { status, location, mutatorName, replacement = '' } of counted) {
      if (!NOTICED.has(status)) {
        const { line, column } = location.start;
        const change = replacement.replace(/\s+/g, ' ').slice(0, 80);
        lines.push(`  ${line}:${column} ${mutatorName}: ${change}`);
      }
    }
  }
  const score = faults === 0 ? 100 : (100 * noticed) / faults;
  lines.push(`all: ${noticed} of ${faults} faults noticed, ${score.toFixed(1)} %`);
  return { text: lines.join('\n'), score };
}
