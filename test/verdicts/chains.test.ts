import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Diagnoser } from '../../src/diagnosis/run/create-diagnoser.ts';
import { loadShippedDiagnoser } from '../helpers/shipped-diagnoser.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';
import { CHAIN_FOLDERS, readChains } from './chain.ts';
import { type JudgedChain, judgeChain } from './judge-chain.ts';

/** One as in life and one shuffled at will; the benchmark plays more of them. */
const SEEDS = [1, 2];
let diagnoser: Diagnoser;
let temporary: TemporaryStore;

beforeAll(async () => {
  diagnoser = await loadShippedDiagnoser();
  temporary = await openTemporaryStore();
});

afterAll(() => temporary.remove());

describe.each(CHAIN_FOLDERS.map((folder) => [folder]))(
  'thirty scripted courses (%s), with callbacks lost and messages in any order',
  (folder) => {
    const chains = readChains(folder);
    const faults = new Map<string, Pick<JudgedChain, 'causeFaults' | 'shapeFaults'>>();

    it('are thirty', () => {
      expect(new Set(chains.map(({ id }) => id)).size).toBe(30);
    });

    it.each(chains.map((script, index) => [script.id, script, index] as const))(
      'plays %s',
      async (id, script, index) => {
        const all: JudgedChain[] = [];
        for (const seed of SEEDS) {
          const play = (CHAIN_FOLDERS.indexOf(folder) * 30 + index) * SEEDS.length + seed;
          all.push(await judgeChain(script, seed, play, { store: temporary.store, diagnoser }));
        }
        faults.set(id, {
          causeFaults: all.flatMap(({ causeFaults }) => causeFaults),
          shapeFaults: all.flatMap(({ shapeFaults }) => shapeFaults),
        });
      },
      60_000,
    );

    it('names the right cause in all of them but one at most', () => {
      const wrong = [...faults].filter(([, { causeFaults }]) => causeFaults.length > 0);
      expect(faults.size).toBe(30);
      expect(wrong.length, JSON.stringify(wrong, null, 2)).toBeLessThanOrEqual(1);
    });

    it('finds the incidents, their scope and streams, first cause and blocker as often', () => {
      const wrong = [...faults].filter(
        ([, { causeFaults, shapeFaults }]) => causeFaults.length + shapeFaults.length > 0,
      );
      expect(wrong.length, JSON.stringify(wrong, null, 2)).toBeLessThanOrEqual(1);
    });
  },
);
