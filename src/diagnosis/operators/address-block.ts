import { isIPv4, isIPv6 } from 'node:net';

/** Bits of a group of an address. */
const GROUP_BITS = 16;
const GROUPS = 8;
/** The first groups of an IPv4 address that is written as IPv6 (RFC 4291, 2.5.5.2). */
const MAPPED = [0, 0, 0, 0, 0, 0xffff];

/** A block of addresses, as eight groups of 16 bits. IPv4 blocks are in their IPv6-mapped form. */
export interface AddressBlock {
  groups: readonly number[];
  /** Length of the prefix in the mapped form: 0 to 128. */
  bits: number;
}

function groupsOfIPv4(text: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

function groupsOfPart(part: string): number[] {
  return part === ''
    ? []
    : part.split(':').flatMap((group) => {
        return group.includes('.') ? groupsOfIPv4(group) : [Number.parseInt(group, 16)];
      });
}

/**
 * Reads an IPv4 or IPv6 address as eight groups of 16 bits. An IPv4 address and its IPv6-mapped form
 * (`::ffff:10.2.0.1`) are the same.
 *
 * @returns undefined when the text is not an address; one with a zone (`fe80::1%eth0`) is none
 */
export function parseAddress(text: string): number[] | undefined {
  if (isIPv4(text)) {
    return [...MAPPED, ...groupsOfIPv4(text)];
  }
  if (!isIPv6(text) || text.includes('%')) {
    return undefined;
  }
  const [head = '', tail] = text.split('::');
  const before = groupsOfPart(head);
  if (tail === undefined) {
    return before;
  }
  const after = groupsOfPart(tail);
  const zeros = new Array<number>(GROUPS - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after];
}

/** Bits of the group at an index that belong to the prefix. */
function maskOf(index: number, bits: number): number {
  const inGroup = Math.min(Math.max(bits - index * GROUP_BITS, 0), GROUP_BITS);
  return (0xffff << (GROUP_BITS - inGroup)) & 0xffff;
}

/** Whether an address is in a block. */
export function isInBlock(address: readonly number[], { groups, bits }: AddressBlock): boolean {
  for (let index = 0; index * GROUP_BITS < bits; index += 1) {
    const mask = maskOf(index, bits);
    if (((address[index] as number) & mask) !== ((groups[index] as number) & mask)) {
      return false;
    }
  }
  return true;
}

/** The form of an address of a block, for messages. */
const FORM = 'an address and the length of its prefix, such as 10.2.0.0/16 or 2001:db8::/32';

/** The block that people mean by `10.2.*` or `10.2.`; undefined for any other text. */
function blockOfPattern(text: string): string | undefined {
  const [, bytes] = /^(\d{1,3}(?:\.\d{1,3}){0,2})\.(?:\*(?:\.\*){0,2})?$/.exec(text) ?? [];
  const parts = bytes?.split('.') ?? [];
  const address = [...parts, '0', '0', '0'].slice(0, 4).join('.');
  return bytes !== undefined && parseAddress(address)
    ? `${address}/${parts.length * 8}`
    : undefined;
}

/**
 * Reads a block such as `10.2.0.0/16` or `2001:db8::/32`.
 *
 * @returns what is wrong, when it is not a block or has bits behind its prefix
 */
export function parseBlock(text: string): AddressBlock | { problem: string } {
  const [, address = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const groups = parseAddress(address);
  if (!groups) {
    const whole = parseAddress(text);
    const meant = blockOfPattern(text);
    if (meant !== undefined) {
      return { problem: `"${text}" is not a block: it must be ${FORM}; did you mean "${meant}"?` };
    }
    const hint = whole ? `; for one address, write ${text}/${text.includes(':') ? 128 : 32}` : '';
    return { problem: `"${text}" is not a block: it must be ${FORM}${hint}` };
  }
  const isShort = isIPv4(address);
  const longest = isShort ? 32 : 128;
  const given = Number(length);
  if (given > longest) {
    return {
      problem: `"${text}" is not a block: the prefix of ${address} has at most ${longest} bits`,
    };
  }
  const bits = isShort ? given + 96 : given;
  if (groups.some((group, index) => (group & ~maskOf(index, bits)) !== 0)) {
    const first = groups.map((group, index) => group & maskOf(index, bits));
    return {
      problem: `"${text}" has bits behind its prefix; did you mean "${printAddress(first, isShort)}/${given}"?`,
    };
  }
  return { groups, bits };
}

/**
 * Prints an address: IPv4 with dots, IPv6 as RFC 5952 recommends.
 *
 * @param isShort - whether it is an IPv4 address in mapped form
 */
export function printAddress(groups: readonly number[], isShort: boolean): string {
  if (isShort) {
    return groups
      .slice(MAPPED.length)
      .flatMap((group) => [group >> 8, group & 255])
      .join('.');
  }
  const text = groups.map((group) => group.toString(16)).join(':');
  const [longest] = [...text.matchAll(/(?:^|:)0(?::0)+(?::|$)/g)].sort(
    (a, b) => b[0].length - a[0].length,
  );
  return longest
    ? `${text.slice(0, longest.index)}::${text.slice(longest.index + longest[0].length)}`
    : text;
}

/** Whether eight groups are an IPv4 address in mapped form. */
export function isMapped(groups: readonly number[]): boolean {
  return MAPPED.every((group, index) => groups[index] === group);
}
