import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StreamAction } from '../css/api/stream-actions.ts';
import { maskSecrets } from '../secrets/mask-secrets.ts';
import { maskedError } from '../secrets/masked-error.ts';

/** One line of the audit log. Each action has two: the order and its result. */
export interface AuditEntry {
  /** Epoch ms UTC. */
  at: number;
  /** The same in both lines of an action. */
  id: string;
  /**
   * `ordered` before the request to CSS; then `done`, `failed` (CSS refused), or `unknown` (no answer, so
   * it may have been done). An action with only `ordered` was interrupted by a crash or a full disk.
   */
  phase: 'ordered' | 'done' | 'failed' | 'unknown';
  /** Where the order came from. */
  via: 'cli' | 'http';
  /** Who gave the order, as far as known. */
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

/** The log of actions: a file of JSON lines, append-only. */
export interface AuditLog {
  /** Appends a line; resolves once it is on disk. @throws `AUDIT_FAILED` */
  append(entry: AuditEntry): Promise<void>;
  /** Returns the last lines, newest first. Incomplete lines are skipped. @throws `AUDIT_FAILED` */
  latest(limit: number): Promise<AuditEntry[]>;
}

/** Only this much of the end of the file is read, bytes: several thousand lines. */
const TAIL_BYTES = 1024 * 1024;

/**
 * Opens the audit log in a file. Several processes may write to it, because the system appends a line
 * in one operation.
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
        // Only the owner can read it, because it contains names.
        const handle = await open(file, 'a+', 0o600);
        try {
          const { size } = await handle.stat();
          const last = Buffer.alloc(1);
          if (size > 0) {
            await handle.read(last, 0, 1, size - 1);
          }
          // After a crash in the middle of a line, start a new line.
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
