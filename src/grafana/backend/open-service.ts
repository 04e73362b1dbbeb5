import type { OpenOptions, OpenService } from './open-embedded.ts';
import type { Settings } from './read-settings.ts';

/**
 * Opens what a data source's settings ask for. Each mode is loaded when it is first needed: the
 * handshake must not wait for an engine that nobody may want.
 *
 * @throws `DATA_FOLDER_*`, `STORE_*`, `RULES_FOLDER_MISSING`
 */
export async function openService(settings: Settings, options: OpenOptions): Promise<OpenService> {
  if (settings.mode === 'embedded') {
    const { openEmbedded } = await import('./open-embedded.ts');
    return openEmbedded(settings, options);
  }
  const { createRemoteService } = await import('../../client/create-remote-service.ts');
  const service = createRemoteService({ url: settings.url, token: settings.token });
  return { service, close: async () => undefined };
}
