import type { Category } from '../model/vocabulary.ts';

/** Grafana's named colours, far enough apart to be told by eye on dark and light ground. */
export const CATEGORY_COLOURS: Record<Category, string> = {
  auth: '#B877D9',
  billing: '#F2CC0C',
  network: '#5794F2',
  client: '#8AB8FF',
  platform: '#F2495C',
  config: '#FF9830',
  operator: '#73BF69',
  unknown: '#8e8e99',
};
