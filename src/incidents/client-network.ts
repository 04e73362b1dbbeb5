/**
 * The network that an address belongs to as far as one can guess: /24 of IPv4, /48 of IPv6.
 *
 * @returns null for what is no address
 */
export function clientNetwork(address: string): string | null {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  const ipv4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(mapped)?.[1];
  if (ipv4 !== undefined) {
    return `${ipv4}.0/24`;
  }
  if (!/^[\da-f:]+$/i.test(mapped) || !mapped.includes(':')) {
    return null;
  }
  const [head = '', tail] = mapped.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = 8 - groups.length - (tail ? tail.split(':').length : 0);
  const whole =
    tail === undefined
      ? groups
      : [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...tail.split(':')];
  const first = whole.slice(0, 3).map((group) => Number.parseInt(group || '0', 16).toString(16));
  return `${first.join(':')}::/48`;
}
