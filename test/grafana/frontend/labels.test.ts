import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ENGLISH, LABELS } from '../../../src/grafana/frontend/labels.ts';

const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'));
const texts = (language: string) =>
  read(`src/grafana/locales/${language}/breakwatch-css-datasource.json`);

/** Paths of all texts. */
const keysOf = (node: object, path = ''): string[] =>
  Object.entries(node).flatMap(([name, value]) =>
    typeof value === 'string' ? [`${path}${name}`] : keysOf(value, `${path}${name}.`),
  );

describe('the texts of the editors', () => {
  it('are English without a translation', () => {
    expect(LABELS.config.url.label).toBe('Server URL');
    expect({ ...LABELS.value.options.state }).toEqual(ENGLISH.value.options.state);
  });

  it('are the same in the files for Grafana', () => {
    expect(texts('en-US')).toEqual(ENGLISH);
  });

  it('are complete in every language of plugin.json', () => {
    const { languages } = read('plugin.json') as { languages: string[] };
    expect(languages).toEqual(['en-US', 'zh-Hans']);
    for (const language of languages) {
      expect(keysOf(texts(language)), language).toEqual(keysOf(ENGLISH));
    }
  });
});
