import type { AlertSettings } from '../../alerts/alert-settings.ts';
import type { ConfigFile } from '../../contract/settings.ts';
import { readChannel, zoneOf } from './read-channel.ts';
import { bad, type Expand, httpUrl } from './setting-values.ts';

const HOUR_MS = 3_600_000;

/** The settings without a section `alerts`: only a Grafana rule notifies. */
export const NO_ALERT_SETTINGS: AlertSettings = {
  publicUrl: null,
  grafana: true,
  giveUpMs: 24 * HOUR_MS,
  alertmanager: null,
  webhooks: [],
};

/**
 * Reads the section `alerts` of `breakwatch.yaml`, which the schema has checked.
 *
 * @throws `BAD_CONFIG` naming the setting, and never a value that may be a secret
 */
export function readAlertSettings(given: ConfigFile['alerts'], expand: Expand): AlertSettings {
  if (!given) {
    return NO_ALERT_SETTINGS;
  }
  const { publicUrl, grafanaAlerting = true, retryHours = 24 } = given;
  const { timeZone } = zoneOf(given.timeZone, 'alerts', expand);
  const channels = (given.channels ?? []).map((entry, index) =>
    readChannel(entry, `alerts: channels[${index}]`, expand, timeZone),
  );
  const names = channels.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) {
    bad(`alerts: two channels have the name ${twice}.`);
  }
  const alertmanagers = channels.flatMap(({ alertmanager }) => alertmanager ?? []);
  if (alertmanagers.length > 1) {
    bad('alerts: only one channel may have the type alertmanager. List its members under urls.');
  }
  return {
    publicUrl:
      publicUrl === undefined
        ? null
        : httpUrl(expand(publicUrl, 'alerts: publicUrl'), 'alerts: publicUrl'),
    grafana: grafanaAlerting,
    giveUpMs: retryHours * HOUR_MS,
    alertmanager: alertmanagers[0] ?? null,
    webhooks: channels.flatMap(({ webhook }) => webhook ?? []),
  };
}
