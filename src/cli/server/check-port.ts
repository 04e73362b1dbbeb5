import { once } from 'node:events';
import { createServer } from 'node:net';
import { maskedError } from '../../secrets/masked-error.ts';
import type { Config } from '../config/read-config.ts';

/**
 * Tells that a port is taken before work that takes its time. What else may be wrong with host and port is
 * told by the server that listens there in the end.
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
