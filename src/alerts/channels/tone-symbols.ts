import type { Message } from './write-message.ts';

/** Tells from far away what kind of news it is. */
export const TONE_SYMBOLS: Record<Message['tone'], string> = {
  worse: '🔴',
  bad: '🟠',
  changed: '🔵',
  good: '🟢',
  test: '🧪',
};
