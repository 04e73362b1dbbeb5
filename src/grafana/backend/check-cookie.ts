/** What Grafana puts into the environment of a data source's process, and nobody else does. */
const COOKIE_NAME = 'grafana_plugin_type';
const COOKIE_VALUE = 'datasource';

/**
 * Tells whether Grafana started this process.
 *
 * @returns undefined when it did, else what to tell the human who started it
 */
export function checkCookie(environment: NodeJS.ProcessEnv): string | undefined {
  return environment[COOKIE_NAME] === COOKIE_VALUE
    ? undefined
    : 'This is the backend of the Breakwatch data source. Grafana starts it by itself; it is not ' +
        'meant to be run by hand. Put the plugin folder below Grafana\'s "plugins" path instead.';
}
