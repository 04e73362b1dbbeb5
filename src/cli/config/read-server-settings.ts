import { bad, list, rejectUnknown } from './setting-values.ts';

/** The section `server` of `breakwatch.yaml`: who may reach the server. */
export interface ServerSettings {
  /** Host names that are served without a token, besides IP addresses, localhost and `publicUrl`. */
  allowedHosts: string[];
  /** Origins whose pages may send requests, besides the server's own. */
  allowedOrigins: string[];
}

/** The settings without a section `server`. */
export const NO_SERVER_SETTINGS: ServerSettings = { allowedHosts: [], allowedOrigins: [] };

const SERVER_KEYS = ['allowedHosts', 'allowedOrigins'];
const HOST_NAME = /^(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*$/;

/**
 * Reads the section `server` of `breakwatch.yaml`.
 *
 * @param where - names the section in errors
 * @throws `BAD_CONFIG` naming the setting
 */
export function readServerSettings(given: unknown, where: string): ServerSettings {
  if (given === undefined || given === null) {
    return NO_SERVER_SETTINGS;
  }
  if (typeof given !== 'object' || Array.isArray(given)) {
    bad(`${where} must have settings such as "allowedHosts:".`);
  }
  rejectUnknown(given, SERVER_KEYS, where);
  const { allowedHosts, allowedOrigins } = given as Record<string, unknown>;
  return {
    allowedHosts: list(allowedHosts, `${where}.allowedHosts`).map((host) => {
      if (typeof host !== 'string' || !HOST_NAME.test(host)) {
        bad(
          `${where}.allowedHosts: ${JSON.stringify(host)} is not a host name such as breakwatch.example.com, without scheme and port.`,
        );
      }
      return host;
    }),
    allowedOrigins: list(allowedOrigins, `${where}.allowedOrigins`).map((origin) => {
      if (typeof origin !== 'string' || !isOrigin(origin)) {
        bad(
          `${where}.allowedOrigins: ${JSON.stringify(origin)} is not an origin such as https://tools.example.com, without a path.`,
        );
      }
      return origin;
    }),
  };
}

function isOrigin(text: string): boolean {
  return (
    URL.canParse(text) &&
    /^https?:$/.test(new URL(text).protocol) &&
    new URL(text).origin === text.replace(/\/$/, '')
  );
}
