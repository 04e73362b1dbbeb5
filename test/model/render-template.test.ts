import { describe, expect, it } from 'vitest';
import { placeholdersOf, renderTemplate } from '../../src/model/render-template.ts';

describe('renderTemplate', () => {
  it('fills in facts', () => {
    expect(
      renderTemplate('{{stream}} broke after {{ secondsLive }} s', { stream: 'a', secondsLive: 0 }),
    ).toBe('a broke after 0 s');
  });

  it('drops a segment whose fact is missing, and only that one', () => {
    const template =
      'Check txTime[[: expired {{secondsPastExpiry}} s ago]][[, key {{txSecretMatches}}]].';
    expect(renderTemplate(template, { txSecretMatches: 'no' })).toBe('Check txTime, key no.');
    expect(renderTemplate(template, {})).toBe('Check txTime.');
  });

  it('needs every fact of a segment', () => {
    expect(renderTemplate('a[[ {{x}} {{y}}]]', { x: 1 })).toBe('a');
  });

  it('puts facts in as they are, without reading them as a template', () => {
    expect(renderTemplate('{{a}}', { a: '{{b}} $& [[c]]', b: 'no' })).toBe('{{b}} $& [[c]]');
  });

  it('does not take inherited names for facts', () => {
    expect(renderTemplate('x[[ {{toString}}]]', {})).toBe('x');
  });

  it('names its placeholders once each', () => {
    expect(placeholdersOf('{{b}} {{a}} [[{{b}}]]')).toEqual(['b', 'a']);
  });
});
