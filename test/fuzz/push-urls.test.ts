import { expect, it } from 'vitest';
import { checkPushUrl } from '../../src/css/push-url/check-push-url.ts';
import { computeTxSecret, parsePushParams } from '../../src/css/push-url/push-url.ts';
import { signPushUrl } from '../../src/css/push-url/sign-push-url.ts';
import { asBreakwatchError } from '../../src/secrets/masked-error.ts';
import { runBreakwatch } from '../helpers/run-breakwatch.ts';
import { secretText } from './hide-secret.ts';
import { plantSecrets } from './planted-secrets.ts';
import { Random } from './random.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 1);
const URLS = 5_000;
const AT = Date.UTC(2026, 6, 1);

/** A push URL with faults and with secrets where none belong. */
function pushUrl(random: Random, secret: () => string): string {
  const txTime = Math.floor(AT / 1_000 + random.below(200_000) - 100_000).toString(16);
  const odd = () => secretText(secret(), random);
  const part = (defaultValue: string) => {
    const drawn = random.next();
    return drawn < 0.7
      ? defaultValue
      : drawn < 0.85
        ? odd()
        : `${defaultValue}${random.pick(['', '?', '/', '&'])}${odd()}`;
  };
  const domain = part(random.pick(['push.example.com', '203.0.113.7', '[::1]', '']));
  const params = random.pick([
    `txSecret=${secret()}&txTime=${txTime}`,
    `txSecret=${secret()}&txSecret=${secret()}&txTime=${txTime}&txTime=5C`,
    `TxSecret=${secret()}&tx_time=${txTime}`,
    `a=${encodeURIComponent(`txSecret=${secret()}&txTime=${txTime}`)}`,
    odd(),
    '%25'.repeat(random.below(3_000)),
  ]);
  return random.pick([
    () => `${part('rtmp')}://${domain}/${part('live')}/${part('shop-17')}?${params}`,
    () => `webrtc://${domain}:${random.below(99_999)}/${part('live')}/${part('shop-17')}?${params}`,
    () =>
      `srt://${domain}:9000?streamid=#!::h=${domain},r=${part('live/shop-17')},${params.replaceAll('&', ',')}`,
    () => `srt://${domain}?streamid=${encodeURIComponent(`#!::h=${domain},r=live/s,${params}`)}`,
    odd,
    () => random.letters(random.below(40)),
  ])();
}

it(`judges ${URLS} push URLs of every kind without repeating a secret (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const secrets = plantSecrets(random);
  const keys = [{ domain: '*', key: secrets.next() }];
  const notified: string[] = [];
  for (let count = 0; count < URLS; count += 1) {
    const url = pushUrl(random, secrets.next);
    const options = { keys: random.chance(0.5) ? keys : [], at: AT, sessionMs: 3_600_000 };
    try {
      const { verdict, ...check } = checkPushUrl(url, options);
      // No secret here was made with a key.
      expect(verdict).not.toBe('accepted');
      notified.push(JSON.stringify(check));
    } catch (thrown) {
      const error = asBreakwatchError(thrown);
      expect(error.code, url).toBe('BAD_PUSH_URL');
      notified.push(JSON.stringify(error.toAnswer()));
    }
  }
  expect(secrets.find(Buffer.from(notified.join('\n'))).slice(0, 5)).toEqual([]);
});

it('signs what it then accepts, and never gives the key away', () => {
  const random = new Random(SEED);
  const secrets = plantSecrets(random);
  for (let count = 0; count < 500; count += 1) {
    const [domain, app, key] = ['push.example.com', 'live', secrets.next()];
    const stream = random.letters(1 + random.below(60));
    const hash = random.pick(['md5', 'sha256'] as const);
    const { txTime, ...urls } = signPushUrl({
      domain,
      app,
      stream,
      key,
      expiresAt: AT + 86_400_000,
      hash,
    });
    for (const url of Object.values(urls)) {
      expect(checkPushUrl(url, { keys: [{ domain, key }], at: AT }).verdict, url).toBe('accepted');
      expect(parsePushParams(url).txSecret).toBe(computeTxSecret(key, stream, txTime, hash));
    }
    expect(secrets.find(Buffer.from(JSON.stringify(urls)))).toEqual([]);
  }
});

it('says nothing of secrets on the command line', { timeout: 120_000 }, async () => {
  const random = new Random(SEED);
  const secrets = plantSecrets(random);
  const url = pushUrl(random, secrets.next);
  const environment = { BREAKWATCH_PUSH_KEY: secrets.next() };
  const options = { cwd: import.meta.dirname, environment };
  const runs = await Promise.all([
    runBreakwatch(['url', 'check', '-'], { ...options, input: url }),
    runBreakwatch(
      ['url', 'check', `rtmp://a.example.com&txSecret=${secrets.next()}/live/s`],
      options,
    ),
    runBreakwatch(['url', 'sign', '--domain', 'a.example.com', '--stream', 's'], options),
    runBreakwatch(['url', 'sign', '--domain', `sign=${secrets.next()}`, '--stream', 's'], options),
  ]);
  expect(runs.map(({ code }) => code)).not.toContain(null);
  for (const { output, errors } of runs) {
    expect(secrets.find(Buffer.from(output + errors))).toEqual([]);
  }
});
