import { type Document, isMap, isNode, isScalar, type LineCounter, type Node, visit } from 'yaml';
import { readRequest } from '../../contract/read-request.ts';
import { type ConfigFile, ConfigFileSchema } from '../../contract/settings.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { bad, otherNameOf } from './setting-values.ts';

/** Longer texts, and texts with other characters, may be keys; messages do not show them. */
const QUOTED = /^[\w-]{1,24}$/;

/** Sections in which an empty text is allowed. */
const MAY_BE_EMPTY = ['labels', 'muteIntervals'];

/**
 * Checks a parsed `breakwatch.yaml` against its schema. Messages have file, line and column, and the nearest
 * name for a mistyped one. `readConfig` checks what a schema cannot check.
 *
 * @param path - path of the file, for messages
 * @returns the settings; those without a value are left out, and one text is a list of one where a list is expected
 * @throws `BAD_CONFIG` with the position of the first problem
 */
export function checkConfigFile(document: Document, lines: LineCounter, path: string): ConfigFile {
  const contents = document.contents as Node;
  const fail = (field: string, problem: string) => {
    const { line, col } = lines.linePos(offsetOf(contents, field));
    return bad(`${path}:${line}:${col}: ${problem}`);
  };
  // `readRequest` leaves out empty texts, but an empty list of allowed addresses must not allow all of them.
  visit(document, {
    Pair(_key, { key, value }) {
      const name = isScalar(key) ? String(key.value) : '';
      if (MAY_BE_EMPTY.includes(name)) {
        return visit.SKIP;
      }
      if (isScalar(key) && isScalar(value) && value.value === '') {
        const { line, col } = lines.linePos(key.range?.[0] ?? 0);
        bad(`${path}:${line}:${col}: ${name} is empty. Remove it, or give it a value.`);
      }
      return undefined;
    },
  });
  return readRequest(ConfigFileSchema, document.toJS(), {
    whole: 'the file',
    quote: (text) => (QUOTED.test(text) ? maskSecrets(text) : '…'),
    fail: (found) => {
      const [field = ''] = found.split(' ');
      const other = otherNameOf(field.split('.').at(-1) ?? '');
      const problem =
        other && found.startsWith(`${field} is unknown`)
          ? `${field} is unknown; did you mean ${other}?`
          : found;
      return fail(field, `${problem}${problem.endsWith('?') ? '' : '.'}`);
    },
  });
}

/** Offset of a field such as `accounts[0].site` in the file; that of the nearest parent when it is missing. */
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
