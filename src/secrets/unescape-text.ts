/**
 * A text without its escapes. `level` counts how often each character was escaped, so that a `%26` inside
 * a value is not mistaken for the `&` that ends the value.
 */
export interface Unescaped {
  plain: string;
  /** Offset of each character in the original, and of the end; null when nothing was escaped. */
  from: readonly number[] | null;
  /** Null when nothing was escaped. */
  level: readonly number[] | null;
}

const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&quot;': '"',
  '&apos;': "'",
  '&lt;': '<',
  '&gt;': '>',
};
const MAX_ENTITY_LENGTH = 8;
const HEX = /^[0-9a-f]+$/i;

/** The character of a code if it can be part of a name or delimit a value; else undefined. */
function readable(code: number): string | undefined {
  const isReadable = (code >= 0x20 && code < 0x7f) || code === 9 || code === 10 || code === 13;
  return isReadable ? String.fromCharCode(code) : undefined;
}

function readHex(chars: readonly string[], from: number, to = chars.length): number {
  const text = chars.slice(from, to).join('');
  return HEX.test(text) ? Number.parseInt(text, 16) : Number.NaN;
}

interface Escape {
  char: string;
  length: number;
  /** Whether it is an HTML entity. */
  entity?: boolean;
}

/** Reads several escapes such as `%ef%bc%9d` that are one character in UTF-8. */
function readUtf8(chars: readonly string[]): Escape | undefined {
  let code = 0;
  for (let count = 1; count <= 3; count += 1) {
    const at = chars.length - count * 3;
    const byte = chars[at] === '%' ? readHex(chars, at + 1, at + 3) : Number.NaN;
    if (byte >= 0x80 && byte < 0xc0) {
      code += (byte & 0x3f) << (6 * (count - 1));
    } else if ((count === 2 && byte >> 5 === 6) || (count === 3 && byte >> 4 === 14)) {
      const lead = byte & (count === 2 ? 0x1f : 0x0f);
      return {
        char: String.fromCharCode(code + (lead << (6 * (count - 1)))),
        length: count * 3,
      };
    } else {
      return undefined;
    }
  }
  return undefined;
}

/** The escape that ends with the last of these characters. */
function escapeAtEnd(chars: readonly string[]): Escape | undefined {
  const end = chars.length;
  if (chars[end - 1] === ';') {
    let begin = end - 1;
    while (begin > 0 && end - begin < MAX_ENTITY_LENGTH && chars[begin] !== '&') {
      begin -= 1;
    }
    const entity = chars.slice(begin, end).join('').toLowerCase();
    const number = /^&#(?:x([0-9a-f]+)|(\d+));$/.exec(entity);
    const char = number
      ? readable(number[1] ? Number.parseInt(number[1], 16) : Number(number[2]))
      : ENTITIES[entity];
    return char === undefined ? undefined : { char, length: end - begin, entity: true };
  }
  const code = readHex(chars, end - 2);
  if (Number.isNaN(code)) {
    return undefined;
  }
  if (chars[end - 3] === '%') {
    const char = readable(code);
    return char === undefined ? readUtf8(chars) : { char, length: 3 };
  }
  if (chars[end - 4] === '\\' && chars[end - 3] === 'x') {
    const char = readable(code);
    return char === undefined ? undefined : { char, length: 4 };
  }
  const isUnicode = chars[end - 5] === 'u' && '\\%'.includes(chars[end - 6] ?? '-');
  const char = isUnicode ? readable(readHex(chars, end - 4)) : undefined;
  return char === undefined ? undefined : { char, length: 6 };
}

const MAY_END = /[0-9a-f;]/i;
/** Matches the start of every kind of escape. */
const MAY_HOLD = /%[0-9a-fu]|\\[xu]|&[^&]{1,7};/i;

/**
 * Removes the escapes of URLs (`%3d`), JSON and scripts (`\u003d`, `\x3d`, `%u003d`) and HTML (`&amp;`,
 * `&#61;`), also nested ones. One pass is enough, because a decoded character may complete the next escape,
 * so the time grows linearly with the length.
 */
export function unescapeText(text: string): Unescaped {
  if (!MAY_HOLD.test(text)) {
    return { plain: text, from: null, level: null };
  }
  const chars: string[] = [];
  const from: number[] = [];
  const level: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    chars.push(text[index] as string);
    from.push(index);
    level.push(0);
    while (MAY_END.test(chars[chars.length - 1] as string)) {
      const found = escapeAtEnd(chars);
      if (!found) {
        break;
      }
      const begin = chars.length - found.length;
      let depth = 0;
      for (let at = begin; at < chars.length; at += 1) {
        depth = Math.max(depth, level[at] as number);
      }
      chars.length = begin + 1;
      from.length = begin + 1;
      level.length = begin + 1;
      chars[begin] = found.char;
      // `&amp;` is the `&` that separates parameters; other escapes make it a part of the value.
      level[begin] = found.entity ? depth : depth + 1;
    }
  }
  from.push(text.length);
  return { plain: chars.join(''), from, level };
}
