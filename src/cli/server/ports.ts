import { once } from 'node:events';
import { createServer } from 'node:net';
import { maskedError } from '../../secrets/masked-error.ts';
import type { Config } from '../config/read-config.ts';

/**
 * Fails early when the port is in use, before work that takes time. The server itself reports every other
 * problem with host and port when it listens.
 *
 * @throws `PORT_IN_USE`
 */
export async function checkPort({ host, port }: Pick<Config, 'host' | 'port'>): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, host.replace(/^\[|\]$/g, ''));
    await once(probe, 'listening');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      throw maskedError('PORT_IN_USE', { host, port }, { cause: thrown });
    }
    return;
  }
  probe.close();
  await once(probe, 'close');
}

/**
 * Finds a free port of the loopback interface. Another process can take the port before the caller does.
 */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
