import { secretText } from './hide-secret.ts';
import { mutated, printBody, soundCallback, type Workshop, withSecrets } from './make-callback.ts';

/** Lines as a console export or an older journal would have them, with secrets and with faults. */
export function importLines(
  given: Pick<Workshop, 'random' | 'secrets' | 'receiver'>,
  count: number,
): string {
  const shop: Workshop = { ...given, stranger: given.receiver, now: Date.now() };
  const { random, secrets } = given;
  const time = () => new Date(shop.now - random.below(86_400_000)).toISOString().slice(0, 19);
  const record = () => {
    const end = `${time()}Z`;
    return {
      DomainName: random.chance(0.1) ? secretText(secrets.next(), random) : 'push.example.com',
      AppName: random.chance(0.1) ? secretText(secrets.next(), random) : 'live',
      StreamName: random.chance(0.3) ? secretText(secrets.next(), random) : 'shop-17',
      StreamStartTime: end,
      StreamEndTime: end,
      StopReason: secretText(secrets.next(), random),
      Duration: random.below(100),
      ClientIp: random.pick(['-', '203.0.113.9', secretText(secrets.next(), random)]),
      Url: secretText(secrets.next(), random),
    };
  };
  return Array.from({ length: count }, () =>
    random
      .pick<() => string>([
        () => printBody(record()),
        () => printBody(mutated(record(), shop)),
        () => printBody(withSecrets(soundCallback(shop), shop)),
        () => printBody(mutated(withSecrets(soundCallback(shop), shop, false), shop)),
        () => secretText(secrets.next(), random),
      ])()
      .replace(/[\r\n]+/g, ' '),
  ).join('\n');
}
