import { createHmac } from 'node:crypto';

/**
 * Signs a webhook as the Standard Webhooks specification says: HMAC-SHA256 over id, time and body, so
 * that a receiver can refuse what is forged, changed, old or a repeat.
 *
 * @param secrets - one signature each, so that a receiver may know the old or the new one
 * @param at - epoch ms UTC of this try
 */
export function signWebhook(
  secrets: readonly string[],
  id: string,
  at: number,
  body: string,
): Record<string, string> {
  const seconds = Math.floor(at / 1_000);
  const signatures = secrets.map((secret) => {
    const hmac = createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${body}`);
    return `v1,${hmac.digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    ...(signatures.length > 0 ? { 'webhook-signature': signatures.join(' ') } : {}),
  };
}

/** `whsec_` stands before a key in Base64; anything else is the key itself. */
function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret, 'utf8');
}
