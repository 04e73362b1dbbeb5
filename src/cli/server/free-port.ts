import { once } from 'node:events';
import { createServer } from 'node:net';

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
