import type { Command } from 'commander';
import { createLookupSource } from '../../engine/rules/rules-in-force.ts';
import { pickText } from '../../model/localized-text.ts';
import type { Language } from '../../model/vocabulary.ts';
import { explainEntries } from '../../queries/lookup.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { loadDiagnoser } from '../input/load-diagnoser.ts';
import { languageOption } from '../input/options.ts';
import { wrapText } from '../output/wrap-text.ts';

/** Indentation below "Why:" and "Do:". */
const DEEP = ' '.repeat(9);

/** Adds `breakwatch explain-code CODE`, which explains a code or a reason text. */
export function addExplainCode(program: Command): void {
  program
    .command('explain-code')
    .description(
      'Explain a break code (18/501), a bypass-live code (6012), an API error (ResourceNotFound.StopService) or a reason text.',
    )
    .argument('<code...>')
    .addOption(languageOption())
    .option('--json', 'print JSON')
    .action(async (words: string[], options: { lang: Language; json?: boolean }) => {
      const text = words.join(' ');
      const { ruleSet } = await loadDiagnoser();
      const entries = await explainEntries(
        text,
        createLookupSource(() => ruleSet),
      );
      if (entries.length === 0) {
        throw maskedError('BAD_QUERY', {
          problem: `${JSON.stringify(text)} is unknown; give a code such as 18/501 or 6012, an API error or a reason text.`,
        });
      }
      const answers = entries.map(({ title, cause, fix, ...rest }) => ({
        ...rest,
        title: pickText(title, options.lang),
        cause: pickText(cause, options.lang),
        fix: fix.map((step) => pickText(step, options.lang)),
      }));
      if (options.json) {
        process.stdout.write(`${JSON.stringify(answers)}\n`);
        return;
      }
      for (const answer of answers) {
        process.stdout.write(
          [
            `${answer.code}  ${answer.title}  [${answer.category}, ${answer.severity}, ${answer.side}]`,
            ...wrapText(answer.cause, '  Why:   ', DEEP),
            ...answer.fix.flatMap((step, index) =>
              wrapText(step, index === 0 ? '  Do:    ' : DEEP, DEEP),
            ),
            `  Retry: ${answer.retry}`,
            '',
          ].join('\n'),
        );
      }
    });
}
