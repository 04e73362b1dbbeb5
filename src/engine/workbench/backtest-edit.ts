import type { TriedEdit } from '../../contract/rules.ts';
import type { RuleSet } from '../../diagnosis/rule.ts';
import { runBacktest } from '../../diagnosis/workbench/backtest/index.ts';
import type { SnapshotBlocks } from '../../model/facts.ts';
import { BlockFile } from '../../store/columns/block-file.ts';
import type { TimeRange } from '../../store/store.ts';

/** Pairs of rules that are shown. */
const MAX_PAIRS = 50;

/** What to judge, and how long. */
export interface EditBacktest {
  before: RuleSet;
  after: RuleSet;
  /** The range in which the breaks ended. */
  range: TimeRange;
  /** The stored breaks. */
  blocks: SnapshotBlocks;
  /** Stops with the part that was judged after this time, ms. */
  maxMs: number;
  /** Called with the progress from 0 to 1 and the number of judged breaks. */
  onProgress: (part: number, events: number) => void;
  signal: AbortSignal;
}

/**
 * Judges the stored breaks with the rules in force and with an edit, newest first.
 *
 * @throws `STORE_FAILED`, the signal's reason
 */
export async function backtestEdit(options: EditBacktest): Promise<TriedEdit> {
  const { before, after, range, blocks, onProgress, signal } = options;
  const deadline = performance.now() + options.maxMs;
  const numbers = await blocks.list();
  let part = 0;
  let complete = true;

  async function* readBlocks(facts: ReadonlySet<string>): AsyncGenerator<BlockFile, void> {
    for (const [index, number] of numbers.entries()) {
      signal.throwIfAborted();
      if (performance.now() > deadline) {
        complete = false;
        return;
      }
      const bytes = await blocks.bytes(number);
      part = (index + 1) / numbers.length;
      if (bytes) {
        const block = new BlockFile(bytes);
        block.load(facts);
        yield block;
      }
    }
  }

  const report = await runBacktest({
    before,
    after,
    range,
    blocks: readBlocks,
    readSamples: (places) => blocks.breaks(places),
    onProgress: (events) => onProgress(part, events),
    signal,
  });
  const { movements, rules: _rules, ...figures } = report;
  return {
    ...figures,
    complete,
    pairs: movements.length,
    movements: movements.slice(0, MAX_PAIRS).map(({ from, to, count, samples }) => ({
      from,
      to,
      count,
      samples: samples.map(({ endedAt, stream }) => ({ endedAt, stream })),
    })),
  };
}
