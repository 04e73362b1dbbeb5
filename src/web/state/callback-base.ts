/** Host names that Tencent cannot reach: this machine, and private networks. */
const PRIVATE_HOST =
  /^(?:localhost|\[.*\]|127\..*|10\..*|192\.168\..*|169\.254\..*|172\.(?:1[6-9]|2\d|3[01])\..*|.*\.(?:local|internal|localhost)|[^.]+)$/i;

/**
 * The address under which Tencent reaches the server, without a slash at its end: the configured one, or that of
 * the page unless it is private.
 *
 * @param publicUrl - `alerts.publicUrl`
 * @param origin - origin of the page
 * @param placeholder - what a person has to replace by a host name
 */
export function callbackBase(
  publicUrl: string | null | undefined,
  origin: string,
  placeholder: string,
): string {
  if (publicUrl) {
    return publicUrl.replace(/\/+$/, '');
  }
  return PRIVATE_HOST.test(new URL(origin).hostname) ? `https://${placeholder}` : origin;
}
