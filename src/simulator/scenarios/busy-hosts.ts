import type { PushHost, Reconnect } from '../push-host.ts';
import type { World } from '../world.ts';

const streams: readonly [domain: string, stream: string, reconnect: Reconnect][] = [
  ['5000.livepush.example', 'concert-main', 'obs'],
  ['5000.livepush.example', 'concert-backstage', 'obs'],
  ['5000.livepush.example', 'marathon-km12', 'fixed'],
  ['5000.livepush.example', 'marathon-finish', 'obs'],
  ['5001.livepush.example', 'shop-17', 'obs'],
  ['5001.livepush.example', 'shop-23', 'fixed'],
  ['5001.livepush.example', 'shop-31', 'obs'],
  ['5001.livepush.example', 'shop-48', 'obs'],
  ['5001.livepush.example', 'shop-52', 'fixed'],
  ['5002.livepush.example', 'class-physics', 'obs'],
  ['5002.livepush.example', 'class-history', 'obs'],
  ['news.livepush.example', 'studio-a', 'fixed'],
  ['news.livepush.example', 'studio-b', 'fixed'],
  ['news.livepush.example', 'harbour-cam', 'fixed'],
];

/** Adds the push hosts of the scenarios `busy` and `day`, and starts them. By StreamName. */
export function addBusyHosts(world: World): Map<string, PushHost> {
  const hosts = new Map<string, PushHost>();
  streams.forEach(([domain, stream, reconnect], index) => {
    const host = world.addHost({
      domain,
      stream,
      reconnect,
      // Each in a network of its own, and one in a private network: the API shows a dash for it.
      clientIp: stream === 'studio-b' ? '10.1.4.20' : `198.18.${20 + index}.7`,
      width: index % 3 === 0 ? 1920 : 1280,
      height: index % 3 === 0 ? 1080 : 720,
      urlValidMs: 30 * 86_400_000,
    });
    hosts.set(stream, host);
    world.after(index * 400, () => host.start());
  });
  return hosts;
}
