import type { FieldConfig } from '../../model/frame.ts';

/** A column of sentences, which Grafana's tables would else cut off after three words. */
export const WIDE_TEXT: FieldConfig = { custom: { minWidth: 280, wrapText: true } };
