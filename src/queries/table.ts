import type { FieldConfig } from '../model/frame.ts';

/** A column of sentences, which Grafana's tables would else cut off after three words. */
export const WIDE_TEXT: FieldConfig = { custom: { minWidth: 280, wrapText: true } };

/** Steps of a fix as one text: numbered lines, or the step itself when there is only one. */
export function printSteps(steps: readonly string[]): string {
  return steps.length > 1
    ? steps.map((step, index) => `${index + 1}. ${step}`).join('\n')
    : (steps[0] ?? '');
}
