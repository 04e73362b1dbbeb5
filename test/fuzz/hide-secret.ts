import type { Random } from './random.ts';

/** Names under which something secret travels, as CSS, its console and HTTP spell them. */
const NAMES = [
  'txSecret',
  'TXSECRET',
  'tx_secret',
  'txsecret',
  'tx-Secret',
  'sign',
  'Sign',
  'SIGN',
  'signature',
  'X-Amz-Signature',
  'SecretKey',
  'secret_key',
  'callbackKey',
  'callback_key',
  'pushKey',
  'push_auth_key',
  'MasterAuthKey',
  'BackupAuthKey',
  'wsSecret',
  'auth_key',
  'token',
  'access_token',
  'refreshToken',
  'X-TC-Token',
  'usersig',
  'privateMapKey',
  'password',
  'passwd',
  'api_key',
] as const;

/** How a name and its secret stand in a text. */
const PHRASES: readonly ((name: string, secret: string, random: Random) => string)[] = [
  (name, secret) => `${name}=${secret}`,
  (name, secret) => `?${name}=${secret}&txTime=5C271099`,
  (name, secret) => `txTime=5C271099&${name}=${secret}&from=interactive`,
  (name, secret) => `rtmp://push.example.com/live/shop-17?${name}=${secret}&txTime=5C271099`,
  (name, secret) =>
    `srt://a.example.com:9000?streamid=#!::h=a,r=live/s,${name}=${secret},txTime=5C`,
  (name, secret) => `{"${name}":"${secret}","t":5}`,
  (name, secret) => JSON.stringify({ Request: JSON.stringify({ [name]: secret }) }),
  (name, secret) => `{'${name}': '${secret}'}`,
  (name, secret) => `${name}: ${secret}`,
  (name, secret) => `${name} = "${secret}"`,
  (name, secret) => `bad ${name} (${secret})`,
  (name, secret) => `push refused, ${name} ${secret} does not fit`,
  (name, secret) => `the ${name} is ${secret}.`,
  (name, secret) => `${name}＝${secret}`,
  (name, secret) => `推流鉴权失败，${name}：${secret}，请检查`,
  (name, secret) => `鉴权失败 ${name}为${secret}`,
  (name, secret) => `<${name}>${secret}</${name}>`,
  (name, secret) => `${name}&#61;${secret}&#x26;txTime&#x3D;5C`,
  (name, secret) => `${name}\\u003d${secret}\\u0026txTime=5C`,
  (name, secret) => `${name}\\x3d${secret}`,
  (name, secret) => `${name}[]=${secret}&x=1`,
  (name, secret) => `params[${name}]=${secret}&x=1`,
  (name, secret) => `--${name} ${secret} --verbose`,
  (name, secret) => `${name} -> ${secret}`,
  (name, secret) => `${name}\t=\n${secret}`,
  (name, secret) => `/live/${name}/${secret}/shop-17`,
  (_name, secret) => `Authorization: Bearer ${secret}`,
  (_name, secret) => `sent with Bearer ${secret} twice`,
  (_name, secret) => `proxy http://monitor:${secret}@proxy.example.com:3128 failed`,
  (_name, secret) => `TC3-HMAC-SHA256 Credential=AKIDx/live, Signature=${secret}`,
  (name, secret, random) => `${random.letters(4)}=${random.letters(9)};${name}=${secret};Path=/`,
];

function escapeAll(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

/** What relays and proxies do to a text on its way. */
const WRAPPINGS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text,
  (text) => text,
  encodeURIComponent,
  (text) => encodeURIComponent(encodeURIComponent(text)),
  (text) => encodeURIComponent(encodeURIComponent(encodeURIComponent(text))),
  escapeAll,
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('base64url'),
  (text) => encodeURIComponent(Buffer.from(text).toString('base64')),
  (text) => Buffer.from(encodeURIComponent(text)).toString('base64'),
  (text) => Buffer.from(Buffer.from(text).toString('base64')).toString('base64'),
  (text) => JSON.stringify(text),
  (text) => JSON.stringify(JSON.stringify({ text })),
  (text) => text.replaceAll('&', '&amp;'),
];

/** What stands before a hidden text, so that it is not always alone. */
const LEADS = [
  '',
  '',
  'from=interactive&userid=',
  'roomid=9&groupid=',
  'cliRecId=',
  'https://example.com/?back=',
  'error at ',
];

/** A text with a secret in it, of any of many kinds that a real one is met in. */
export function secretText(secret: string, random: Random): string {
  const cased = random.pick([secret, secret, secret.toLowerCase(), secret.toUpperCase()]);
  const phrase = random.pick(PHRASES)(random.pick(NAMES), cased, random);
  return random.pick(LEADS) + random.pick(WRAPPINGS)(phrase);
}

/** A JSON value with a secret in it: under its name, beside its name, or in a text. */
export function secretValue(secret: string, random: Random): unknown {
  const name = random.pick(NAMES);
  const inner = random.pick<() => unknown>([
    () => ({ [name]: secret }),
    () => ({ [name]: [secret, { deeper: secret }] }),
    () => ({ name, value: secret }),
    () => ({ Key: name, Value: [secret] }),
    () => [name, secret],
    () => [`--${name}`, secret],
    () => ({ headers: [{ name: 'Authorization', value: `Bearer ${secret}` }] }),
    () => ({ [secretText(secret, random)]: 1 }),
    () => secretText(secret, random),
    () => [secretText(secret, random), secretText(secret, random)],
  ])();
  return random.pick<() => unknown>([
    () => inner,
    () => ({ body: inner }),
    () => [1, { deep: { deeper: [inner] } }],
    () => JSON.stringify(inner),
    () => JSON.stringify({ outer: JSON.stringify(inner) }),
    () => Buffer.from(JSON.stringify(inner)).toString('base64'),
  ])();
}
