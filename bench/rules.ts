/**
 * How fast rules are at size: lint, tests and shadow as commands, an edit that comes into force in a running server
 * while callbacks arrive, and one diagnosis. Run: `npm run -s bench -- rules [--json] [--sizes 100,1000,10000]`. Each
 * size is the number of a team's own rules, on top of the shipped ones.
 *
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureCommand } from './backtest/measure-command.ts';
import { makeTeamFolder } from './rules/make-team-folder.ts';
import { timeEvents } from './rules/time-events.ts';
import { timeReloads } from './rules/time-reloads.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    sizes: { type: 'string', default: '100,1000,10000' },
  },
});
const sizes = values.sizes.split(',').map(Number);
if (!sizes.every((size) => Number.isSafeInteger(size) && size > 0)) {
  console.error('--sizes is a list of whole numbers, such as 100,1000');
  process.exit(2);
}

const round = (value: number, digits = 1) => Number(value.toFixed(digits));

function note(rules: number, what: string, figures: Record<string, unknown>): void {
  const load = round(loadavg()[0] as number);
  const text = JSON.stringify(figures, (_key, value) =>
    typeof value === 'number' ? round(value) : value,
  );
  console.error(`${rules} rules, load ${load}: ${what} ${text}`);
}

async function measure(rules: number) {
  const folder = mkdtempSync(join(tmpdir(), 'breakwatch-rules-'));
  try {
    makeTeamFolder(folder, rules);
    const command = async (name: string, ...options: string[]) => {
      const words = ['rules', name, folder, ...options];
      const { seconds, cpuSeconds, peakMb } = await measureCommand(words, folder);
      note(rules, name, {
        s: seconds,
        cpu_s: cpuSeconds,
        peak_mb: peakMb,
      });
      return { seconds, peakMb };
    };
    const lint = await command('lint', '--languages', 'en,zh');
    const test = await command('test');
    const shadow = await command('shadow');
    const eventUs = await timeEvents(folder);
    note(rules, 'event', { cpu_us: eventUs });
    const { seconds, edited, quiet } = await timeReloads(folder, rules);
    note(rules, 'reload', { s: seconds, edited, quiet });
    const sorted = seconds.toSorted((a, b) => a - b);
    return {
      rules,
      lint_s: round(lint.seconds),
      test_s: round(test.seconds),
      shadow_s: round(shadow.seconds),
      reload_s: round(sorted[Math.floor(sorted.length / 2)] as number),
      main_loop_p99_ms: round(edited.loopP99),
      judge_pause_p99_ms: round(edited.verdictP99),
      callback_p99_ms: round(edited.callbackP99),
      event_us: round(eventUs),
      peak_mb: Math.round(Math.max(lint.peakMb, test.peakMb, shadow.peakMb, edited.peakMb)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const figures: Awaited<ReturnType<typeof measure>>[] = [];
for (const size of sizes) {
  figures.push(await measure(size));
}
if (values.json) {
  console.log(JSON.stringify({ sizes: figures }));
} else {
  console.table(figures);
}
