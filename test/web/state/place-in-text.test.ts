import { expect, it } from 'vitest';
import { placeInText } from '../../../src/web/state/place-in-text.ts';

it('finds lines and columns, and stays inside the line and the text', () => {
  const text = '{\n  "id": 1\n}';
  expect(placeInText(text, 1, 1)).toBe(0);
  expect(text.slice(placeInText(text, 2, 3))).toBe('"id": 1\n}');
  expect(placeInText(text, 2, 99)).toBe(text.indexOf('\n}'));
  expect(placeInText(text, 3, 1)).toBe(text.length - 1);
  expect(placeInText(text, 9, 9)).toBe(text.length);
});
