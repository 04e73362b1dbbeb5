import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASK, maskSecrets, TOO_DEEP } from '../../src/secrets/mask-secrets.ts';

const SECRET = '5f0c1b77e0a94d0d8f1e2a3b4c5d6e7f';

describe('maskSecrets', () => {
  it.each([
    [`txSecret=${SECRET}&txTime=5C271099`, `txSecret=${MASK}&txTime=5C271099`],
    [`?TXSECRET=${SECRET}&a=b`, `?TXSECRET=${MASK}&a=b`],
    [`tx_secret=${SECRET}&txTime=1`, `tx_secret=${MASK}&txTime=1`],
    [`tx-Secret = ${SECRET} and more`, `tx-Secret = ${MASK} and more`],
    [`txSecret%3D${SECRET}%26txTime%3D5C`, `txSecret%3D${MASK}%26txTime%3D5C`],
    [`txSecret%253D${SECRET}%2526txTime`, `txSecret%253D${MASK}%2526txTime`],
    [`%74%78%53ecret=${SECRET}&x=1`, `%74%78%53ecret=${MASK}&x=1`],
    [`txSecret=${SECRET}%26rest&x=1`, `txSecret=${MASK}&x=1`],
    [`a=1&amp;txSecret=${SECRET}&amp;b=2`, `a=1&amp;txSecret=${MASK}&amp;b=2`],
    [
      `rtmp://push.example.com/live/shop-17?txSecret=${SECRET}&txTime=5C271099`,
      `rtmp://push.example.com/live/shop-17?txSecret=${MASK}&txTime=5C271099`,
    ],
    [
      `srt://push.example.com:9000?streamid=#!::h=a.example.com,r=live/s,txSecret=${SECRET},txTime=5C`,
      `srt://push.example.com:9000?streamid=#!::h=a.example.com,r=live/s,txSecret=${MASK},txTime=5C`,
    ],
    [`{"sign":"${SECRET}","t":5}`, `{"sign":"${MASK}","t":5}`],
    [`{\\"sign\\":\\"${SECRET}\\",\\"t\\":5}`, `{\\"sign\\":\\"${MASK}\\",\\"t\\":5}`],
    [`{"\\u0073ign":"${SECRET}"}`, `{"\\u0073ign":"${MASK}"}`],
    [`{"pushKey":"ab\\"${SECRET}","t":5}`, `{"pushKey":"${MASK}","t":5}`],
    [`callbackKeys: ["${SECRET}", "b"]`, `callbackKeys: ${MASK}`],
    [`the push auth key: ${SECRET}.`, `the push auth key: ${MASK}`],
    [
      `Authorization: TC3-HMAC-SHA256 Credential=AKID/2026/live/tc3_request, Signature=${SECRET}`,
      `Authorization: ${MASK}`,
    ],
    [`SecretKey=${SECRET} SecretId=AKIDx`, `SecretKey=${MASK} SecretId=AKIDx`],
    [`鉴权失败，txSecret：${SECRET}，请检查`, `鉴权失败，txSecret：${MASK}，请检查`],
    [`txSecret%EF%BC%9D${SECRET}&x=1`, `txSecret%EF%BC%9D${MASK}&x=1`],
    [`txSecret&#61;${SECRET}&#x26;x=1`, `txSecret&#61;${MASK}&#x26;x=1`],
    [`sign\\x3d${SECRET}`, `sign\\x3d${MASK}`],
    [
      `push refused, txSecret ${SECRET} does not fit`,
      `push refused, txSecret ${MASK} does not fit`,
    ],
    [`/live/txSecret/${SECRET}/shop-17`, `/live/txSecret/${MASK}/shop-17`],
    [`<sign>${SECRET}</sign>`, `<sign>${MASK}</sign>`],
    [`sign -> ${SECRET}`, `sign -> ${MASK}`],
    [`params[sign]=${SECRET}&x=1`, `params[sign]=${MASK}&x=1`],
    [`sent Bearer ${SECRET}`, `sent Bearer ${MASK}`],
    [`http://monitor:${SECRET}@proxy.example.com/`, `http://monitor:${MASK}@proxy.example.com/`],
    [`{"name":"usersig","value":"${SECRET}"}`, `{"name":"usersig","value":"${MASK}"}`],
    [`userid=${btoa(`txSecret=${SECRET}&x=1`)}`, `userid=${MASK}`],
    [`shop-1/${btoa(btoa(`sign: ${SECRET}`))}`, MASK],
  ])('masks %s', (text, masked) => {
    expect(maskSecrets(text)).toBe(masked);
  });

  it.each([
    'Push URL expired: txTime=5C271099',
    'design=blue',
    '校验鉴权参数不通过',
    'Client actively interrupts the push (3)',
    'rtmp://push.example.com/live/shop-17?txTime=5C271099&from=interactive',
    '100% of a&b 50%zz %',
    'push.example.com/live/8888_5f0c1b77e0a94d0d8f1e2a3b4c5d6e7f',
    'basic settings of token-free streams',
    'c2hvcC0xNyBpcyBsaXZl c2hvcC0xOCBpcyBub3Q=',
  ])('leaves %s alone', (text) => {
    expect(maskSecrets(text)).toBe(text);
  });

  it('masks fields by name at any depth, but not derived values', () => {
    expect(
      maskSecrets({
        sign: SECRET,
        t: 5,
        accounts: [
          { name: 'shop', secretId: 'AKIDx', secretKey: SECRET, callbackKeys: ['a', 'b'] },
        ],
        pushKeys: [{ domain: 'a.example.com', key: SECRET }],
        txSecretPresent: true,
        txSecretMatches: 'keyUnknown',
        token: null,
      }),
    ).toEqual({
      sign: MASK,
      t: 5,
      accounts: [{ name: 'shop', secretId: 'AKIDx', secretKey: MASK, callbackKeys: MASK }],
      pushKeys: MASK,
      txSecretPresent: true,
      txSecretMatches: 'keyUnknown',
      token: null,
    });
  });

  it('masks copies of a secret without a name', () => {
    const masked = maskSecrets({
      stream_param: `txSecret=${SECRET}`,
      errmsg: `push url maybe invalid (${SECRET})`,
    });
    expect(masked.errmsg).toBe(`push url maybe invalid (${MASK})`);
  });

  it('masks known secrets, errors, URLs and circular values', () => {
    const circle: Record<string, unknown> = { url: new URL(`http://a/?sign=${SECRET}&t=1`) };
    circle.self = circle;
    expect(maskSecrets(circle)).toEqual({ url: `http://a/?sign=${MASK}&t=1`, self: '[circular]' });
    const error = maskSecrets<unknown>(new Error(`no answer for ${SECRET}`), [SECRET]);
    expect(error).toMatchObject({ name: 'Error', message: `no answer for ${MASK}` });
    expect(JSON.stringify(error)).not.toContain(SECRET);
  });

  it('masks secrets next to their name in a list or a pair', () => {
    expect(maskSecrets(['--sign', SECRET, 'x'])).toEqual(['--sign', MASK, 'x']);
    expect(maskSecrets({ name: 'X-Token', value: SECRET, n: 1 })).toEqual({
      name: 'X-Token',
      value: MASK,
      n: 1,
    });
  });

  it('masks copies in another letter case', () => {
    const { errmsg } = maskSecrets({ sign: SECRET, errmsg: `İ ${SECRET.toUpperCase()}.` });
    expect(errmsg).toBe(`İ ${MASK}.`);
  });

  it('replaces values at extreme depth', () => {
    const deep = JSON.parse(`${'[{"sign":1,"a":'.repeat(5_000)}"sign=abcdef"${'}]'.repeat(5_000)}`);
    const text = JSON.stringify(maskSecrets({ sign: 5, deep }));
    expect(text).toContain(TOO_DEEP);
    expect(text).not.toContain('abcdef');
  });

  it.each([
    ['escaped again and again', `%${'25'.repeat(30_000)}`],
    ['thousands of secrets', 'sign=abcdefg1&'.repeat(4_000)],
    ['one long run', 'QUJD'.repeat(15_000)],
    ['names without values', 'sign '.repeat(12_000)],
    ['brackets', `sign:${'{'.repeat(60_000)}`],
  ])('comes to an end with %s', (_name, text) => {
    expect(typeof maskSecrets({ text }).text).toBe('string');
  });

  it('does not change its argument', () => {
    const given = { a: { txSecret: SECRET }, list: [`sign=${SECRET}`] };
    const before = structuredClone(given);
    maskSecrets(given);
    expect(given).toEqual(before);
  });

  it('masks every secret in any position', () => {
    fc.assert(
      fc.property(placement(), (placed) => {
        const text = JSON.stringify(maskSecrets(placeSecret(placed)));
        expect(text).not.toContain(placed.secret);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps everything that is not secret', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          harmlessName(),
          fc.oneof(fc.integer(), fc.boolean(), fc.stringMatching(/^[\w ,.%&/-]*$/)),
        ),
        (value) => {
          expect(maskSecrets(value)).toEqual(value);
        },
      ),
    );
  });
});

/** Not `p_wd` either, which is another spelling of `pwd`. */
function harmlessName(): fc.Arbitrary<string> {
  const secret = /secret|sercet|sig|key|token|pass|auth|pwd|cookie/;
  return fc.stringMatching(/^[a-z_]{1,10}$/).filter((name) => !secret.test(name.replace(/_/g, '')));
}

/** Heads or tails, the same for the same seed. */
function coin(seed: number): () => boolean {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 31 === 1;
  };
}

interface Placement {
  secret: string;
  name: string;
  between: string;
  before: string[];
  after: string[];
  prefix: string;
  joiner: string;
  times: number;
  seed: number;
  holder: number;
  place: number;
}

/** A secret's name in odd spelling: any case, a sign between its letters. */
function oddName({ name, between }: Placement, upper: () => boolean): string {
  return [...name]
    .map((letter, index) => {
      const cased = upper() ? letter.toUpperCase() : letter.toLowerCase();
      return index === 2 ? `${between}${cased}` : cased;
    })
    .join('');
}

function escapeSome(text: string, choose: () => boolean): string {
  return [...text]
    .map((char) =>
      choose() || !/[\w.-]/.test(char)
        ? `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`
        : char,
    )
    .join('');
}

/** `name=secret` among other parameters, escaped as a whole several times. */
function queryWith(placement: Placement, choose: () => boolean): string {
  const { secret, before, after, prefix, joiner, times } = placement;
  const pair = `${oddName(placement, choose)}=${secret}`;
  let text = `${prefix}${[...before, pair, ...after].join(joiner)}`;
  for (let time = 0; time < times; time += 1) {
    // The secret itself stays readable, so that its survival can be seen.
    text = text
      .split(secret)
      .map((part) => escapeSome(part, choose))
      .join(secret);
  }
  return text;
}

function placeSecret(placement: Placement): unknown {
  const { secret, holder, place } = placement;
  const choose = coin(placement.seed);
  const name = oddName(placement, choose);
  const query = queryWith(placement, choose);
  const inner = [
    { [name]: secret },
    { [name]: [secret, { deeper: secret }] },
    { stream_param: query },
    query,
    JSON.stringify({ Request: JSON.stringify({ p: query }) }),
    JSON.stringify({ [name]: secret }),
    JSON.stringify({ inside: JSON.stringify({ [name]: [secret] }) }),
    { [query]: 1 },
  ][holder];
  return [
    inner,
    [inner],
    { body: inner },
    { list: [1, { deep: { deeper: [inner] } }], note: 'x=1' },
  ][place];
}

function placement(): fc.Arbitrary<Placement> {
  const pairs = fc.array(fc.stringMatching(/^[a-z]{1,5}=[0-9a-f]{0,5}$/), { maxLength: 2 });
  return fc.record({
    secret: fc.stringMatching(/^[0-9a-zA-Z]{12,32}$/),
    name: fc.constantFrom(
      'txSecret',
      'sign',
      'SecretKey',
      'callbackKey',
      'pushKey',
      'MasterAuthKey',
      'push_auth_key',
    ),
    between: fc.constantFrom('', '_', '-'),
    before: pairs,
    after: pairs,
    prefix: fc.constantFrom(
      '',
      '?',
      'rtmp://a.example.com/live/s?',
      'srt://a:9000?streamid=#!::h=a,',
    ),
    joiner: fc.constantFrom('&', '&amp;', ',', ';'),
    times: fc.nat(3),
    seed: fc.nat(),
    holder: fc.nat(7),
    place: fc.nat(3),
  });
}
