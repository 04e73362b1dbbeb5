const PLACEHOLDER = '[redacted]';
/** Shorter values are no secrets, and replacing them would mangle innocent words. */
const SHORTEST_SECRET = 6;
const SECRET_NAME =
  /secret|token|password|passwd|authorization|cookie|credential|signature|api.?key|^sign$/i;
/** `txSecret=…`, `sign=…`, `Bearer …` and the like inside texts. */
const SECRET_IN_TEXT =
  /((?:txSecret|sign|token|secretKey|password)["']?\s*[=:]\s*["']?|Bearer\s+)[^\s"'&,;}]+/gi;

const known = new Set<string>();

/** Remembers a secret of some data source's settings, so that it can never be logged. */
export function rememberSecret(secret: string): void {
  if (secret.length >= SHORTEST_SECRET) {
    known.add(secret);
  }
}

/** Tells whether a log field of this name is never shown. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Takes secrets out of a text: those remembered, and whatever looks like one by its name. */
export function redact(text: string): string {
  let clean = text;
  for (const secret of known) {
    clean = clean.replaceAll(secret, PLACEHOLDER);
  }
  return clean.replace(SECRET_IN_TEXT, `$1${PLACEHOLDER}`);
}
