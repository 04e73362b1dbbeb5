import { createServerClient, type ServerClient } from '../../../client/create-server-client.ts';
import type { PlacedBreak } from '../../../model/facts.ts';
import { BlockFile } from '../../../store/columns/block-file.ts';

/** Blocks that are asked for while others are judged. */
const AHEAD = 3;
/** Examples asked for at once; an address has no room for more. */
const EXAMPLES = 500;
/** The server may have to make a block first. */
const TIMEOUT_MS = 120_000;

/** The fact snapshots of a server, in blocks. */
export interface ServerBlocks {
  /**
   * Reads all blocks, the newest first.
   *
   * @param facts - the facts that will be asked for
   * @param onProgress - told how far it is, from 0 to 1
   * @throws `SERVER_*`, the signal's reason
   */
  blocks(
    facts: ReadonlySet<string>,
    signal: AbortSignal | undefined,
    onProgress: (part: number) => void,
  ): AsyncGenerator<BlockFile, void>;
  /** @throws `SERVER_*` */
  breaks(places: readonly number[]): Promise<PlacedBreak[]>;
}

function checkBlocks(body: unknown): number[] {
  const { blocks } = body as { blocks: number[] };
  if (!Array.isArray(blocks)) {
    throw new Error('the list of blocks is missing');
  }
  return blocks;
}

function checkPlaced(body: unknown): PlacedBreak[] {
  const { breaks } = body as { breaks: PlacedBreak[] };
  if (!Array.isArray(breaks)) {
    throw new Error('the list of breaks is missing');
  }
  return breaks;
}

/**
 * Opens the blocks of a server.
 *
 * @returns null when the server has none to give
 * @throws `SERVER_*`, `NOT_CONFIGURED`
 */
export async function openServerBlocks(
  url: string,
  token: string | undefined,
): Promise<ServerBlocks | null> {
  const server = createServerClient({ url, ...(token ? { token } : {}), timeoutMs: TIMEOUT_MS });
  if ((await server.bytes('api/v1/snapshots')) === null) {
    return null;
  }
  return {
    async *blocks(facts, signal, onProgress) {
      const list = await server.ask('api/v1/snapshots', checkBlocks, {}, signal);
      const asked: Promise<Uint8Array | null>[] = [];
      for (let place = 0; place < list.length; place += 1) {
        for (let next = place + asked.length; next < list.length && asked.length < AHEAD; ) {
          asked.push(ask(server, list[next] as number, signal));
          next += 1;
        }
        const bytes = await asked.shift();
        onProgress((place + 1) / list.length);
        if (bytes) {
          const block = new BlockFile(bytes);
          block.load(facts);
          yield block;
        }
      }
    },
    async breaks(places) {
      const found: PlacedBreak[] = [];
      for (let from = 0; from < places.length; from += EXAMPLES) {
        const some = places.slice(from, from + EXAMPLES).join(',');
        found.push(...(await server.ask(`api/v1/snapshots/breaks?places=${some}`, checkPlaced)));
      }
      return found;
    },
  };
}

function ask(
  server: ServerClient,
  block: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | null> {
  const asked = server.bytes(`api/v1/snapshots/${block}`, signal);
  // Whether it failed is looked at when its turn comes.
  asked.catch(() => undefined);
  return asked;
}
