import type { Message } from './write-message.ts';

/** Tells from far away what kind of news it is. */
export const MOOD_SIGNS: Record<Message['mood'], string> = {
  worse: '🔴',
  bad: '🟠',
  changed: '🔵',
  good: '🟢',
  test: '🧪',
};
