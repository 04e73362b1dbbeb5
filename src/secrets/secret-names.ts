/** Names that hold a secret, as {@link plainName} spells them. */
const SECRET_NAMES = new Set([
  'sign',
  'sig',
  'authorization',
  'cookie',
  'callbackkeys',
  'pushkeys',
  'authkeys',
  'pushauthkeys',
  'masterkey',
  'backupkey',
  'primarykey',
]);

/** Whatever stands before these: `refresh_token`, `X-Amz-Signature`, `MasterAuthKey`. */
const SECRET_ENDINGS =
  /(?:token|signature|password|passwd|pwd|cookie|usersig|privatemapkey|callbackkey|pushkey|authkey|privatekey|accesskey|apikey)$/;

/** Names with "secret" in them that hold none. */
const HARMLESS_SECRET_NAMES = /secretids?$|secretpresent$|secretmatches$/;

/** A name in small letters and digits alone: `tx-Secret`, `ＴＸ_SECRET` and `txSecret` are one. */
export function plainName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

/** The same few names come with every message. */
const known = new Map<string, boolean>();
const MAX_KNOWN = 1_000;
const MAX_KNOWN_LENGTH = 32;

/** Tells whether a field, parameter or header of this name holds a secret, however it is spelt. */
export function isSecretName(name: string): boolean {
  const before = known.get(name);
  if (before !== undefined) {
    return before;
  }
  const answer = judgeName(plainName(name));
  if (name.length <= MAX_KNOWN_LENGTH && known.size < MAX_KNOWN) {
    known.set(name, answer);
  }
  return answer;
}

function judgeName(plain: string): boolean {
  if (plain.includes('secret')) {
    return !HARMLESS_SECRET_NAMES.test(plain);
  }
  return SECRET_NAMES.has(plain) || SECRET_ENDINGS.test(plain);
}
