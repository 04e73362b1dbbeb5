import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isMap, isNode, LineCounter, type Node, parseDocument } from 'yaml';
import { readRequest } from '../../contract/read-request.ts';
import { ConfigFileSchema } from '../../contract/settings.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { bad, otherNameOf } from './setting-values.ts';

/** Longer texts, and texts with other characters, may be keys; messages do not show them. */
const QUOTED = /^[\w-]{1,24}$/;

/**
 * Checks `breakwatch.yaml`, or the file that BREAKWATCH_CONFIG names, against its schema. The message has
 * file, line and column, and the nearest name for a mistyped one. A file that is missing or empty passes;
 * `readConfig` checks what settings mean together.
 *
 * @throws `BAD_CONFIG` with the place of the first problem
 */
export function checkConfigFile(environment: NodeJS.ProcessEnv): void {
  const path = resolve(environment.BREAKWATCH_CONFIG || 'breakwatch.yaml');
  if (!existsSync(path)) {
    return;
  }
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(path, 'utf8'), { lineCounter: lines });
  if (document.errors.length > 0 || !isMap(document.contents)) {
    // Not YAML, or no settings: readConfig says so.
    return;
  }
  const { contents } = document;
  readRequest(ConfigFileSchema, document.toJS(), {
    whole: 'the file',
    quote: (text) => (QUOTED.test(text) ? maskSecrets(text) : '…'),
    fail: (found) => {
      const [field = ''] = found.split(' ');
      const other = otherNameOf(field.split('.').at(-1) ?? '');
      const problem =
        other && found.startsWith(`${field} is unknown`)
          ? `${field} is unknown; did you mean ${other}?`
          : found;
      const { line, col } = lines.linePos(offsetOf(contents, field));
      return bad(`${path}:${line}:${col}: ${problem}${problem.endsWith('?') ? '' : '.'}`);
    },
  });
}

/** Where a field such as `accounts[0].site` is in the file; the nearest place around it when it is missing. */
function offsetOf(root: Node, field: string): number {
  let node: unknown = root;
  let offset = root.range?.[0] ?? 0;
  for (const part of field.match(/[^.[\]]+/g) ?? []) {
    const pair = isMap(node)
      ? node.items.find(({ key }) => String((key as { value?: unknown }).value) === part)
      : undefined;
    const next = pair ? pair.value : (node as { items?: unknown[] } | null)?.items?.[Number(part)];
    const place = pair ? pair.key : next;
    if (!isNode(place)) {
      break;
    }
    offset = place.range?.[0] ?? offset;
    node = next;
  }
  return offset;
}
