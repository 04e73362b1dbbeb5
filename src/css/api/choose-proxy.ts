/**
 * The proxy that the environment names for a URL (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, either
 * case), or undefined. This machine itself is never reached through a proxy.
 */
export function chooseProxy(url: URL, environment: NodeJS.ProcessEnv): string | undefined {
  const read = (name: string) =>
    environment[name.toLowerCase()] || environment[name.toUpperCase()] || undefined;
  const host = url.hostname.toLowerCase();
  if (host === 'localhost' || host === '[::1]' || host.startsWith('127.')) {
    return undefined;
  }
  const exempt = (read('no_proxy') ?? '').split(',').map((entry) => entry.trim().toLowerCase());
  for (const entry of exempt) {
    const suffix = entry.replace(/^\*?\./, '').replace(/:\d+$/, '');
    if (entry === '*' || (suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`)))) {
      return undefined;
    }
  }
  return url.protocol === 'https:' ? read('https_proxy') : read('http_proxy');
}
