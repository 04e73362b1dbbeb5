import { nearestName } from '../../model/errors.ts';
import { bad } from './setting-values.ts';

const PREFIX = 'BREAKWATCH_';

/** Variables that Breakwatch reads. The settings contract describes them; a test compares the two. */
export const KNOWN_VARIABLES: readonly string[] = [
  ...[
    'HOST',
    'PORT',
    'TOKEN',
    'DATA',
    'DATABASE_URL',
    'DATABASE_PASSWORD_FILE',
    'KEEP_DAYS',
    'EXPORT_FOLDER',
    'RULES',
    'DIRECTORY',
    'CONFIG',
    'SITE',
  ],
  ...['API_ENDPOINT', 'CALLBACK_KEY', 'CALLBACK_FROM', 'TRUST_PROXY', 'PUSH_KEY', 'BIZID'],
  ...['ACTIONS', 'BACKFILL_DAYS', 'POLL_SECONDS'],
].map((name) => PREFIX + name);

/** Variables of Grafana's provisioning and of the benchmarks, which may be in the same environment. */
const OTHER_VARIABLES = ['URL', 'PUBLIC_URL', 'WEBHOOK_URL', 'BENCH_FOLDER'].map(
  (name) => PREFIX + name,
);

/**
 * Variables that Kubernetes and Docker set in each container for a service whose name begins with
 * "breakwatch", such as BREAKWATCH_SERVICE_HOST and BREAKWATCH_PORT_7070_TCP_ADDR.
 */
const OF_SERVICE =
  /^BREAKWATCH_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;
const SERVICE_ADDRESS = /^(?:tcp|udp|sctp):\/\//;

/**
 * Whether a value is the address of a service, which Kubernetes sets as BREAKWATCH_PORT for a service named
 * "breakwatch". Such a value is not a port.
 */
export function isServiceAddress(value: string | undefined): boolean {
  return value !== undefined && SERVICE_ADDRESS.test(value);
}

/**
 * Rejects variables that begin with BREAKWATCH_ and that nothing reads, because a mistyped name would
 * silently change what runs.
 *
 * @param configText - text of `breakwatch.yaml`; it may use variables of any name as `${NAME}`
 * @throws `BAD_CONFIG` naming the variable and the nearest known one
 */
export function checkEnvironment(environment: NodeJS.ProcessEnv, configText: string): void {
  const used = new Set([...configText.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
  for (const [name, value] of Object.entries(environment)) {
    if (
      !name.startsWith(PREFIX) ||
      KNOWN_VARIABLES.includes(name) ||
      OTHER_VARIABLES.includes(name) ||
      used.has(name) ||
      OF_SERVICE.test(name) ||
      (name.endsWith('_PORT') && isServiceAddress(value))
    ) {
      continue;
    }
    // Without the prefix, which would make any two names look alike.
    const known = KNOWN_VARIABLES.map((variable) => variable.slice(PREFIX.length));
    const nearest = nearestName(name.slice(PREFIX.length), known);
    bad(
      `the environment variable ${name} is not a setting. ${
        nearest ? `Did you mean ${PREFIX}${nearest}?` : 'docs/configuration.md lists all of them.'
      } Correct or remove it.`,
    );
  }
}
