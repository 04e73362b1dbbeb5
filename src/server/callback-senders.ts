import { BlockList, isIP } from 'node:net';
import { maskedError } from '../secrets/masked-error.ts';

/** Addresses from which callbacks of an account are accepted. */
export interface CallbackSenders {
  /** Whether this address is one of them; false for a text that is not an IP address. */
  has(address: string): boolean;
}

/**
 * Reads addresses and ranges: `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`. An IPv4 address in
 * IPv6 form (`::ffff:203.0.113.7`, as a dual-stack socket reports it) is the same address.
 *
 * @throws `BAD_CONFIG` naming the entry
 */
export function parseSenders(entries: readonly string[]): CallbackSenders {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix, ...rest] = entry.trim().split('/');
    const version = isIP(address);
    const bits = version === 4 ? 32 : 128;
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
    if (version === 0 || rest.length > 0 || length < 0 || length > bits) {
      throw maskedError('BAD_CONFIG', {
        problem: `${JSON.stringify(entry)} is not an IP address or a range such as 203.0.113.0/24.`,
      });
    }
    list.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
  }
  return {
    has(given) {
      // The zone of a link-local address means something on this machine only.
      const address = given.replace(/%.*$/s, '');
      const version = isIP(address);
      return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
    },
  };
}
