import { statfs } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { KEEP_DAYS } from '../../../engine/retention.ts';
import { planSize, totalBytes } from '../../../store/size/plan-size.ts';
import type { StoreSize } from '../../../store/size/store-size.ts';
import { type Config, readConfig } from '../../config/read-config.ts';
import { parseCount } from '../../input/parse-count.ts';
import { printSize } from '../../output/print-size.ts';

interface SizeCommandOptions {
  plan?: boolean;
  callbacks?: number;
  disk?: number;
  json?: boolean;
}

const UNITS: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, TB: 1e12 };

/** Adds `breakwatch database size`, which measures the store and tells what it will take. */
export function addSize(database: Command): void {
  database
    .command('size')
    .description('Show what each table takes, also while a server runs.')
    .option(
      '--plan',
      'show what a month, a year and the retention will take, and which fits the disk',
    )
    .option('--callbacks <number>', 'callbacks a day for the plan (default: measured)', parseCount)
    .option(
      '--disk <size>',
      'space for the store, such as 500GB (default: that of the data folder; none for PostgreSQL)',
      parseSize,
    )
    .option('--json', 'print JSON')
    .action(async (options: SizeCommandOptions) => {
      const config = await readConfig(process.env);
      const size = await measure(config);
      const disk = options.disk ?? (await diskOf(config, size));
      const plan = options.plan
        ? planSize(size, {
            ...(options.callbacks !== undefined && { given: options.callbacks }),
            keepDays: config.keepDays ?? KEEP_DAYS,
            ...(disk !== undefined && { diskBytes: disk }),
          })
        : undefined;
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ ...size, ...(options.plan && { plan: plan ?? null }) })}\n`
          : printSize(
              size,
              options.plan ? { plan, disk, keepDays: config.keepDays ?? KEEP_DAYS } : undefined,
            ),
      );
    });
}

/** Measures the configured store. Each is loaded only when it is needed. */
async function measure(config: Config): Promise<StoreSize> {
  if (config.database) {
    const { measurePostgresSize } = await import('../../../store/postgres/measure-size.ts');
    return measurePostgresSize(config.database);
  }
  const { measureSqliteSize } = await import('../../../store/sqlite/measure-size.ts');
  return measureSqliteSize(config.dataFolder);
}

/** What a store in the data folder can take, bytes: what it takes and what is free; undefined for a database. */
async function diskOf(config: Config, size: StoreSize): Promise<number | undefined> {
  if (config.database) {
    return undefined;
  }
  const { bavail, bsize } = await statfs(config.dataFolder);
  return bavail * bsize + totalBytes(size) + size.freeBytes;
}

function parseSize(text: string): number {
  const found = /^(\d+(?:\.\d+)?)\s*([MGT]B)$/i.exec(text.trim());
  const bytes = found
    ? Number(found[1]) * (UNITS[(found[2] as string).toUpperCase()] as number)
    : 0;
  if (bytes === 0) {
    throw new InvalidArgumentError('give a size such as 500GB or 2TB.');
  }
  return bytes;
}
