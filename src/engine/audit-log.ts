import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StreamAction } from '../css/api/stream-actions.ts';
import { maskSecrets } from '../secrets/mask-secrets.ts';
import { maskedError } from '../secrets/masked-error.ts';

/** One line of the audit log. An action has two: ordered, and what came of it. */
export interface AuditEntry {
  /** Epoch ms UTC. */
  at: number;
  /** Joins the lines of one action. */
  id: string;
  /**
   * `ordered` before CSS is asked; then `done`, `failed` (CSS refused), or `unknown` (no answer: it may
   * have been done). An action with `ordered` alone was cut off, by a crash or a full disk.
   */
  phase: 'ordered' | 'done' | 'failed' | 'unknown';
  /** By which way the order came. */
  via: 'cli' | 'http';
  /** Who gave it, as far as we know. */
  by: string;
  account: string;
  action: StreamAction;
  domain: string;
  app: string;
  stream: string;
  resumeAt: number | null;
  reason: string | null;
  requestId?: string;
  /** Code and message of a failure. */
  error?: string;
}

/** The log of actions: a file of JSON lines that only ever grows. */
export interface AuditLog {
  /** Writes a line; resolves once it is on disk. @throws `AUDIT_FAILED` */
  append(entry: AuditEntry): Promise<void>;
  /** The last lines, newest first. A line that was cut off is passed over. @throws `AUDIT_FAILED` */
  latest(limit: number): Promise<AuditEntry[]>;
}

/** As much of the end is read as holds some thousand lines. */
const TAIL_BYTES = 1024 * 1024;

/**
 * Opens the audit log in a file. Several processes may write to it: the system appends a whole line
 * at once.
 */
export function openAuditLog(file: string): AuditLog {
  const failed = (thrown: unknown) =>
    maskedError('AUDIT_FAILED', { file, problem: (thrown as Error).message }, { cause: thrown });

  async function readTail(): Promise<{ text: string; isWhole: boolean }> {
    const handle = await open(file, 'r').catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT') {
        return null;
      }
      throw thrown;
    });
    if (!handle) {
      return { text: '', isWhole: true };
    }
    try {
      const { size } = await handle.stat();
      const from = Math.max(0, size - TAIL_BYTES);
      const bytes = Buffer.alloc(size - from);
      await handle.read(bytes, 0, bytes.length, from);
      return { text: bytes.toString('utf8'), isWhole: from === 0 };
    } finally {
      await handle.close();
    }
  }

  return {
    async append(entry) {
      const line = `${JSON.stringify(maskSecrets(entry))}\n`;
      try {
        await mkdir(dirname(file), { recursive: true });
        // Readable for its owner alone: it tells who did what.
        const handle = await open(file, 'a+', 0o600);
        try {
          const { size } = await handle.stat();
          const last = Buffer.alloc(1);
          if (size > 0) {
            await handle.read(last, 0, 1, size - 1);
          }
          // After a crash in the middle of a line the next one still stands on its own.
          const text = size > 0 && last[0] !== 0x0a ? `\n${line}` : line;
          await handle.appendFile(text);
          await handle.sync();
        } finally {
          await handle.close();
        }
      } catch (thrown) {
        throw failed(thrown);
      }
    },

    async latest(limit) {
      const { text, isWhole } = await readTail().catch((thrown: unknown) => {
        throw failed(thrown);
      });
      const lines = text.split('\n');
      return (isWhole ? lines : lines.slice(1)).flatMap(readLine).slice(-limit).reverse();
    },
  };
}

function readLine(line: string): AuditEntry[] {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null && 'phase' in entry
      ? [entry as AuditEntry]
      : [];
  } catch {
    return [];
  }
}
