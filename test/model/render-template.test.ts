import { describe, expect, it } from 'vitest';
import { placeholdersOf, renderTemplate } from '../../src/model/render-template.ts';

describe('renderTemplate', () => {
  it('prints only seconds with their unit as a duration', () => {
    const facts = { secondsLive: 7_500, breaksOfStream10m: 90 };
    expect(renderTemplate('after {{secondsLive}} s[[ ({{secondsLive}} s)]]', facts)).toBe(
      'after 2 h 5 min (2 h 5 min)',
    );
    expect(renderTemplate('共推流 {{secondsLive}} 秒', facts, 'zh')).toBe('共推流 2 小时 5 分');
    expect(renderTemplate('{{secondsLive}} 秒間', facts, 'ja')).toBe('2 時間 5 分間');
    expect(renderTemplate('{{secondsLive}}초 만에', facts, 'ko')).toBe('2시간 5분 만에');
    expect(renderTemplate('{{secondsLive}} streams, {{breaksOfStream10m}} s', facts)).toBe(
      '7500 streams, 90 s',
    );
    expect(renderTemplate('{{secondsPastExpiry}} s', { secondsPastExpiry: -90 })).toBe('-90 s');
  });

  it('fills in facts', () => {
    expect(
      renderTemplate('{{stream}} broke after {{ secondsLive }} s', { stream: 'a', secondsLive: 0 }),
    ).toBe('a broke after 0 s');
  });

  it('omits only segments whose fact is missing', () => {
    const template =
      'Check txTime[[: expired {{secondsPastExpiry}} s ago]][[, key {{txSecretMatches}}]].';
    expect(renderTemplate(template, { txSecretMatches: 'no' })).toBe('Check txTime, key no.');
    expect(renderTemplate(template, {})).toBe('Check txTime.');
  });

  it('needs every fact of a segment', () => {
    expect(renderTemplate('a[[ {{x}} {{y}}]]', { x: 1 })).toBe('a');
  });

  it('does not read the values of facts as templates', () => {
    expect(renderTemplate('{{a}}', { a: '{{b}} $& [[c]]', b: 'no' })).toBe('{{b}} $& [[c]]');
  });

  it('does not read inherited properties as facts', () => {
    expect(renderTemplate('x[[ {{toString}}]]', {})).toBe('x');
  });

  it('lists each placeholder once', () => {
    expect(placeholdersOf('{{b}} {{a}} [[{{b}}]]')).toEqual(['b', 'a']);
  });
});
