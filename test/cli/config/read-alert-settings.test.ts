import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createChannels, findDoubleRoutes } from '../../../src/alerts/channels/create-channels.ts';
import { readAlertSettings } from '../../../src/cli/config/read-alert-settings.ts';
import { readConfig } from '../../../src/cli/config/read-config.ts';
import { makeNotice } from '../../alerts/make-notice.ts';

const ENVIRONMENT: Record<string, string> = {
  SLACK_URL: 'https://hooks.example.com/services/T0/B0/secretsecret',
  AM_PASSWORD: 'hunter2hunter2',
};
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-alerts-'));
});
afterAll(() => rm(folder, { recursive: true }));

const read = (yaml: string) =>
  readAlertSettings(parse(yaml), (text) =>
    text.replace(/\$\{(\w+)\}/g, (_all, name) => ENVIRONMENT[name] ?? 'unset'),
  );

/** Reads the settings of a whole file with this section `alerts`. */
async function readAll(yaml: string) {
  const path = join(folder, 'breakwatch.yaml');
  await writeFile(path, `alerts:\n${yaml.replace(/^/gm, '  ')}\n`);
  return (await readConfig({ ...ENVIRONMENT, BREAKWATCH_CONFIG: path })).alerts;
}

const FULL = `
publicUrl: https://bw.example.com/
grafanaAlerting: false
retryHours: 6
channels:
  - name: am
    type: alertmanager
    urls: [http://am-1:9093/, http://am-2:9093/am]
    username: bw
    password: \${AM_PASSWORD}
    labels: { team: live }
    resendSeconds: 30
    sendInhibited: true
  - name: chat
    type: slack
    url: \${SLACK_URL}
    language: zh
    mentions: ['@here']
    severities: [critical]
    categories: [billing, auth]
    accounts: [shop]
    sendUpdates: false
  - name: hook
    type: webhook
    url: http://127.0.0.1:9/x
    secrets: [new, old]
    allowDuplicates: true
`;

describe('readAlertSettings', () => {
  it('leaves notifications to Grafana when nothing is set', () => {
    const settings = read('');
    expect(settings).toMatchObject({ grafana: true, alertmanager: null, webhooks: [] });
    expect(createChannels(settings)).toEqual([]);
    expect(findDoubleRoutes(settings)).toEqual([]);
  });

  it('reads everything, with secrets from the environment', async () => {
    const settings = await readAll(FULL);
    expect(settings).toMatchObject({
      publicUrl: 'https://bw.example.com',
      grafana: false,
      giveUpMs: 21_600_000,
      alertmanager: {
        name: 'am',
        urls: ['http://am-1:9093', 'http://am-2:9093/am'],
        authorization: `Basic ${Buffer.from('bw:hunter2hunter2').toString('base64')}`,
        labels: { team: 'live' },
        resendMs: 30_000,
        endAfterMs: 120_000,
        sendInhibited: true,
      },
      webhooks: [
        { name: 'chat', url: ENVIRONMENT.SLACK_URL, format: 'slack', updates: false },
        { name: 'hook', format: 'json', secrets: ['new', 'old'], copy: true },
      ],
    });
  });

  it('uses the time zone of the channel, or else the one of all channels', () => {
    const { alertmanager, webhooks } = read(`
timeZone: Asia/Shanghai
channels:
  - { name: am, type: alertmanager, urls: ['http://a'], timeZone: UTC }
  - { name: a, type: webhook, url: 'http://a' }
  - { name: b, type: slack, url: 'http://b', timeZone: Europe/Berlin }`);
    const zones = [alertmanager, ...webhooks].map((channel) => channel?.timeZone);
    expect(zones).toEqual(['UTC', 'Asia/Shanghai', 'Europe/Berlin']);
    const [without] = read("channels: [{ name: a, type: webhook, url: 'http://a' }]").webhooks;
    expect(without).not.toHaveProperty('timeZone');
  });

  it('sends only notices that pass the filter of the channel', () => {
    const [alertmanager, chat] = createChannels(read(FULL));
    const page = makeNotice('page');
    const other = { ...page.alert.labels, account: 'other' };
    expect(alertmanager?.accepts(page)).toBe(true);
    expect(chat?.accepts(page)).toBe(true);
    expect(chat?.accepts(makeNotice('update'))).toBe(false);
    expect(chat?.accepts(makeNotice('page', { labels: other }))).toBe(false);
    expect(
      chat?.accepts(makeNotice('page', { labels: { ...page.alert.labels, severity: 'warning' } })),
    ).toBe(false);
  });

  it('warns about two channels for the same alerts, unless that is intended', () => {
    expect(findDoubleRoutes(read(FULL)).map(({ message }) => message)).toEqual([
      'am and chat both notify about the same alerts.',
    ]);
    const webhook = (more: string) =>
      findDoubleRoutes(
        read(`channels: [{ name: a, type: webhook, url: 'http://127.0.0.1:9', ${more} }]`),
      );
    expect(webhook('').map(({ message }) => message)).toEqual([
      'Grafana and a both notify about the same alerts.',
    ]);
    expect(webhook('allowDuplicates: true')).toEqual([]);
    const apart = `
grafanaAlerting: false
channels:
  - { name: a, type: webhook, url: 'http://127.0.0.1:9', accounts: [one] }
  - { name: b, type: webhook, url: 'http://127.0.0.1:9', accounts: [two] }`;
    expect(findDoubleRoutes(read(apart))).toEqual([]);
  });

  it.each([
    ['channels: [{ type: slack, url: "http://a" }]', ':2:14: alerts.channels[0].name is missing.'],
    ['channels: [{ name: a, type: slack }]', 'alerts: channels[0]: url is missing.'],
    ['channels: [{ name: a, url: "http://a" }]', ':2:14: alerts.channels[0].type is missing.'],
    [
      'channels: [{ name: a, type: teams, url: "http://a" }]',
      ':2:25: alerts.channels[0].type must be one of alertmanager, webhook, slack, wecom, feishu, dingtalk; got "teams".',
    ],
    ['channels: [slack]', ':2:14: alerts.channels[0] must be an object'],
    [
      'channels: [{ name: a, type: slack, url: "ftp://topsecret" }]',
      'must be an http or https URL',
    ],
    [
      'channels: [{ name: a, type: slack, url: "http://u:topsecret@b" }]',
      'must not contain a user name or password',
    ],
    [
      'channels: [{ name: a, type: slack, url: "http://a", severities: [loud] }]',
      ':2:55: alerts.channels[0].severities must be one of critical, warning, info; got "loud".',
    ],
    [
      'channels: [{ name: a, type: slack, url: "http://a" }, { name: a, type: wecom, url: "http://b" }]',
      'two channels have the name a',
    ],
    [
      'channels: [{ name: a, type: alertmanager, urls: ["http://a"] }, { name: b, type: alertmanager, urls: ["http://b"] }]',
      'only one channel may have the type alertmanager',
    ],
    ['channels: [{ name: a, type: alertmanager }]', 'urls is missing'],
    ['channels: [{ name: a, type: alertmanager, urls: [] }]', 'alerts.channels[0].urls must'],
    [
      'channels: [{ name: a, type: alertmanager, urls: ["http://a"], username: u }]',
      'set username and password',
    ],
    [
      'channels: [{ name: a, type: alertmanager, urls: ["http://a"], labels: { "a-b": c } }]',
      '"a-b" is not a label name',
    ],
    [
      'channels: [{ name: a, type: alertmanager, urls: ["http://a"], resendSeconds: 0 }]',
      'alerts.channels[0].resendSeconds must be a number from 1 to 3600; got 0.',
    ],
    ['grafanaAlerting: maybe', ':2:3: alerts.grafanaAlerting must be true or false'],
    ['timeZone: Asia/Shanghi', 'timeZone must be a time zone such as Asia/Shanghai'],
    ['emails: [a]', ':2:3: alerts.emails is unknown; known: publicUrl'],
    // Settings by their former names, and mistyped ones.
    ['webhooks: [{ name: a }]', 'alerts.webhooks is unknown; did you mean channels?'],
    ['alertmanager: { urls: [] }', 'alerts.alertmanager is unknown; did you mean channels?'],
    ['giveUpHours: 3', 'did you mean retryHours?'],
    ['chanels: []', 'did you mean channels?'],
    [
      'channels: [{ name: a, type: slack, url: "http://a", mention: [b] }]',
      'alerts.channels[0].mention is unknown; did you mean mentions?',
    ],
    [
      'channels: [{ name: a, type: slack, url: "http://a", copy: true }]',
      'did you mean allowDuplicates?',
    ],
    // Settings of another type.
    [
      'channels: [{ name: a, type: slack, url: "http://a", labels: { a: b } }]',
      'alerts: channels[0]: "labels" is not a setting',
    ],
    [
      'channels: [{ name: a, type: alertmanager, urls: ["http://a"], mentions: [b] }]',
      'alerts: channels[0]: "mentions" is not a setting',
    ],
  ])('refuses %s', async (yaml, problem) => {
    const error = await readAll(yaml).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'BAD_CONFIG', message: expect.stringContaining(problem) });
    expect(error).toMatchObject({ message: expect.not.stringContaining('topsecret') });
  });
});
