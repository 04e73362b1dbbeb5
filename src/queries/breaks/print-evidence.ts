import type { Evidence } from '../../model/diagnosis.ts';

/** Evidence as one text, e.g. `secondsPastExpiry = 812 s (greaterThan 0); txTime = 2026-05-01T…`. */
export function printEvidence(evidence: readonly Evidence[]): string {
  return evidence
    .map(({ fact, value, expected, unit }) => {
      const measured = unit === undefined ? `${fact} = ${value}` : `${fact} = ${value} ${unit}`;
      return expected === undefined ? measured : `${measured} (${expected})`;
    })
    .join('; ');
}
