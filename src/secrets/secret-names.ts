/** Names of secrets, in the form of {@link plainName}. */
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

/** Endings of names of secrets: `refresh_token`, `X-Amz-Signature`, `MasterAuthKey`. */
const SECRET_ENDINGS =
  /(?:token|signature|password|passwd|pwd|cookie|usersig|privatemapkey|callbackkey|pushkey|authkey|privatekey|accesskey|apikey)$/;

/** Names that contain "secret" but are not secret. */
const HARMLESS_SECRET_NAMES = /secretids?$|secretpresent$|secretmatches$/;

/** Reduces a name to lower-case letters and digits: `tx-Secret`, `ＴＸ_SECRET` and `txSecret` become equal. */
export function plainName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

/** Caches results, because messages use few names. */
const known = new Map<string, boolean>();
const MAX_KNOWN = 1_000;
const MAX_KNOWN_LENGTH = 32;

/** Whether a field, parameter or header with this name, in any spelling, contains a secret. */
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
  // Documents of CSS misspell txSecret as txSercet, and URLs that were made with them hold a real one.
  if (plain.includes('secret') || plain.includes('sercet')) {
    return !HARMLESS_SECRET_NAMES.test(plain);
  }
  return SECRET_NAMES.has(plain) || SECRET_ENDINGS.test(plain);
}
