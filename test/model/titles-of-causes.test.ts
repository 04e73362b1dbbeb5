import { describe, expect, it } from 'vitest';
import { titlesOfCauses } from '../../src/model/titles-of-causes.ts';

const node = {
  en: 'Many pushes on the node[[ {{node}}]] broke[[ ({{count}} streams)]]: the node failed. Not this encoder.',
  zh: '节点[[ {{node}} ]]上的多路推流中断：是节点故障。而非该编码器。',
};

describe('titles of causes', () => {
  it('are the first sentence without facts and full stop, in each wanted language', () => {
    expect(titlesOfCauses([node], undefined, ['en', 'zh'])).toEqual([
      {
        en: 'Many pushes on the node broke: the node failed',
        zh: '节点上的多路推流中断：是节点故障',
      },
    ]);
    expect(titlesOfCauses([node], undefined, ['en'])).toEqual([
      { en: 'Many pushes on the node broke: the node failed' },
    ]);
  });

  it('are the first sentence that no other cause of the break has', () => {
    const first = 'CSS refused the push (code 18) and gave no sub code.';
    const titles = titlesOfCauses(
      [
        { en: `${first} The URL had no txTime.` },
        { en: `${first} The URL had expired.` },
        { en: first },
      ],
      { en: `${first} The stream was banned before.` },
      ['en'],
    );
    expect(titles.map((title) => title?.en)).toEqual([
      'The URL had no txTime',
      'The URL had expired',
      'CSS refused the push (code 18) and gave no sub code',
    ]);
  });

  it('skip sentences that need facts, and are absent when nothing is left or known', () => {
    expect(
      titlesOfCauses(
        [{ en: '{{count}} streams broke. The node failed.' }, { en: '{{a}} b.' }, undefined],
        undefined,
        ['en'],
      ),
    ).toEqual([{ en: 'The node failed' }, undefined, undefined]);
  });
});
