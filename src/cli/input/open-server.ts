import type { ServerClient } from '../../client/create-server-client.ts';
import { readServerConfig, type ServerConfig } from '../config/read-config.ts';

/** The URL of `breakwatch serve` with this configuration. */
export function serverUrl({ host, port }: Pick<ServerConfig, 'host' | 'port'>): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/**
 * Creates a client of the configured server, with the token in BREAKWATCH_TOKEN.
 *
 * @param url - another server
 * @throws `NOT_CONFIGURED` when the URL is not valid, `BAD_CONFIG`
 */
export async function openServer(url: string | undefined): Promise<ServerClient> {
  // Imported here, so that other commands start faster.
  const { createServerClient } = await import('../../client/create-server-client.ts');
  const config = readServerConfig(process.env);
  const { token } = config;
  return createServerClient({ url: url ?? serverUrl(config), ...(token ? { token } : {}) });
}
