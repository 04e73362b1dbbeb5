import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createChannels, findDoubleRoutes } from '../../../src/alerts/channels/create-channels.ts';
import { readAlertSettings } from '../../../src/cli/config/read-alert-settings.ts';
import { makeNotice } from '../../alerts/make-notice.ts';

const ENVIRONMENT: Record<string, string> = {
  SLACK_URL: 'https://hooks.example.com/services/T0/B0/secretsecret',
  AM_PASSWORD: 'hunter2hunter2',
};
const read = (yaml: string) =>
  readAlertSettings(parse(yaml), (text) =>
    text.replace(/\$\{(\w+)\}/g, (_all, name) => ENVIRONMENT[name] ?? 'unset'),
  );

const FULL = `
publicUrl: https://bw.example.com/
grafana: false
giveUpHours: 6
alertmanager:
  urls: [http://am-1:9093/, http://am-2:9093/am]
  username: bw
  password: \${AM_PASSWORD}
  labels: { team: live }
  resendSeconds: 30
  inhibited: send
webhooks:
  - name: chat
    url: \${SLACK_URL}
    format: slack
    language: zh
    mention: ['@here']
    severities: [critical]
    categories: [billing, auth]
    accounts: [shop]
    updates: false
  - { name: hook, url: 'http://127.0.0.1:9/x', secrets: [new, old], copy: true }
`;

describe('readAlertSettings', () => {
  it('leaves the telling to Grafana when nothing is set', () => {
    const settings = read('');
    expect(settings).toMatchObject({ grafana: true, alertmanager: null, webhooks: [] });
    expect(createChannels(settings)).toEqual([]);
    expect(findDoubleRoutes(settings)).toEqual([]);
  });

  it('reads everything, secrets from the environment', () => {
    const settings = read(FULL);
    expect(settings).toMatchObject({
      publicUrl: 'https://bw.example.com',
      grafana: false,
      giveUpMs: 21_600_000,
      alertmanager: {
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

  it('tells times by the clocks of all readers, or of those of one way out', () => {
    const { alertmanager, webhooks } = read(`
timeZone: Asia/Shanghai
alertmanager: { urls: ['http://a'], timeZone: UTC }
webhooks: [{ name: a, url: 'http://a' }, { name: b, url: 'http://b', timeZone: Europe/Berlin }]`);
    const zones = [alertmanager, ...webhooks].map((channel) => channel?.timeZone);
    expect(zones).toEqual(['UTC', 'Asia/Shanghai', 'Europe/Berlin']);
    expect(read("webhooks: [{ name: a, url: 'http://a' }]").webhooks[0]).not.toHaveProperty(
      'timeZone',
    );
  });

  it('sends by a way out only what its filter takes', () => {
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

  it('warns of two ways out on one route, unless that is meant', () => {
    expect(findDoubleRoutes(read(FULL)).map(({ message }) => message)).toEqual([
      'alertmanager and chat both notify about the same alerts.',
    ]);
    const webhook = (more: string) =>
      findDoubleRoutes(read(`webhooks: [{ name: a, url: 'http://127.0.0.1:9', ${more} }]`));
    expect(webhook('').map(({ message }) => message)).toEqual([
      'The same alerts go out by Grafana and by a.',
    ]);
    expect(webhook('copy: true')).toEqual([]);
    const apart = `
grafana: false
webhooks:
  - { name: a, url: 'http://127.0.0.1:9', accounts: [one] }
  - { name: b, url: 'http://127.0.0.1:9', accounts: [two] }`;
    expect(findDoubleRoutes(read(apart))).toEqual([]);
  });

  it.each([
    ['webhooks: [{ url: "http://a" }]', 'webhooks[0]: name is needed'],
    ['webhooks: [{ name: a }]', 'url is needed'],
    ['webhooks: [{ name: a, url: "ftp://topsecret" }]', 'is no http or https URL'],
    ['webhooks: [{ name: a, url: "http://u:topsecret@b" }]', 'must not hold a user or password'],
    ['webhooks: [{ name: a, url: "http://a", format: teams }]', 'format is one of json, slack'],
    ['webhooks: [{ name: a, url: "http://a", severities: [loud] }]', 'severities holds "loud"'],
    ['webhooks: [{ name: alertmanager, url: "http://a" }]', 'two ways out are named alertmanager'],
    ['alertmanager: { urls: [] }', 'urls is needed'],
    ['alertmanager: { urls: ["http://a"], username: u }', 'give username and password'],
    ['alertmanager: { urls: ["http://a"], labels: { "a-b": c } }', '"a-b" is no name of a label'],
    ['alertmanager: { urls: ["http://a"], resendSeconds: 0 }', 'resendSeconds is no number from'],
    ['grafana: maybe', 'grafana is true or false'],
    ['timeZone: Asia/Shanghi', 'timeZone is "Asia/Shanghi", which is no time zone such as'],
    ['emails: [a]', '"emails" is no setting'],
  ])('refuses %s', (yaml, problem) => {
    expect(() => read(yaml)).toThrow(problem);
    expect(() => read(yaml)).not.toThrow('topsecret');
  });
});
