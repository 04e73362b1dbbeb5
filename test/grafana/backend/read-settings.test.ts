import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { DataSourceInstanceSettingsSchema } from '../../../src/grafana/backend/gen/pluginv2_pb.js';
import { modeOf, readSettings } from '../../../src/grafana/backend/read-settings.ts';

const ENVIRONMENT = { GF_PLUGIN_DATA_PATH: '/var/lib/breakwatch', HOME: '/home/grafana' };

function instance(jsonData: unknown, secure: Record<string, string> = {}) {
  return create(DataSourceInstanceSettingsSchema, {
    uid: 'bw_1',
    jsonData: new TextEncoder().encode(
      typeof jsonData === 'string' ? jsonData : JSON.stringify(jsonData),
    ),
    decryptedSecureJsonData: secure,
  });
}

const read = (
  jsonData: unknown,
  secure: Record<string, string> = {},
  environment: Record<string, string> = ENVIRONMENT,
) => readSettings(instance(jsonData, secure), 1n, environment);

const EMBEDDED = { mode: 'embedded', secretId: 'AKID1' };
const SECRET = { secretKey: 'key1' };

describe('settings', () => {
  test('remote is what is meant when no mode is named', () => {
    expect(read({ url: ' http://127.0.0.1:7070 ' }, { token: 't' })).toEqual({
      mode: 'remote',
      url: 'http://127.0.0.1:7070',
      token: 't',
    });
    expect(read({ url: 'http://h' })).toMatchObject({ token: undefined });
  });

  test('embedded has defaults and a data folder of its own for each data source', () => {
    expect(read(EMBEDDED, SECRET)).toEqual({
      mode: 'embedded',
      accountName: 'default',
      site: 'cn',
      endpoint: undefined,
      secretId: 'AKID1',
      secretKey: 'key1',
      backfillDays: 1,
      keepDays: 400,
      dataFolder: '/var/lib/breakwatch/1-bw_1',
      directoryFile: undefined,
    });
  });

  test('a folder in the settings goes before the environment', () => {
    expect(read({ ...EMBEDDED, dataFolder: '/data/bw' }, SECRET)).toMatchObject({
      dataFolder: '/data/bw',
    });
  });

  test('embedded may name a directory file', () => {
    expect(read({ ...EMBEDDED, directory: ' /etc/bw/names.csv ' }, SECRET)).toMatchObject({
      directoryFile: '/etc/bw/names.csv',
    });
  });

  test.each([
    ['no url', {}, {}, /URL \(url\) is missing/],
    ['a url that is none', { url: 'localhost:7070' }, {}, /must be an http or https address/],
    ['a password in the url', { url: 'http://me:pw@h' }, {}, /secret fields/],
    ['an unknown mode', { mode: 'both' }, {}, /"both"; it is remote or embedded/],
    ['no SecretId', { mode: 'embedded' }, SECRET, /SecretId \(secretId\) is missing/],
    ['no SecretKey', EMBEDDED, {}, /SecretKey \(secretKey/],
    ['an unknown site', { ...EMBEDDED, site: 'eu' }, SECRET, /"eu"; it is cn or intl/],
    ['a bad account name', { ...EMBEDDED, accountName: 'a b' }, SECRET, /accountName/],
    ['too long a back-fill', { ...EMBEDDED, backfillDays: 61 }, SECRET, /0 to 60/],
    ['half a day kept', { ...EMBEDDED, keepDays: 0.5 }, SECRET, /whole number/],
    ['a relative folder', { ...EMBEDDED, dataFolder: 'data' }, SECRET, /absolute path/],
    [
      'a relative directory',
      { ...EMBEDDED, directory: 'd.csv' },
      SECRET,
      /Directory.*absolute path/,
    ],
    ['a number for a text', { url: 5 }, {}, /URL \(url\) must be a string/],
    ['no JSON', '{', {}, /no JSON object/],
  ])('%s is refused by name', (_name, jsonData, secure, message) => {
    expect(() => read(jsonData, secure)).toThrow(message);
  });

  test('without a data folder both ways to give one are named; HOME is never used', () => {
    expect(() => read(EMBEDDED, SECRET, { HOME: '/home/grafana' })).toThrow(
      /dataFolder.*GF_PLUGIN_DATA_PATH/,
    );
    expect(() => read(EMBEDDED, SECRET, { GF_PLUGIN_DATA_PATH: 'data' })).toThrow(/absolute/);
  });

  test('no data source at all', () => {
    expect(() => readSettings(undefined, 1n, {})).toThrow(/no settings/);
  });

  test('the mode is known even when other settings are wrong', () => {
    expect(modeOf(instance(EMBEDDED))).toBe('embedded');
    expect(modeOf(instance({}))).toBe('remote');
    expect(modeOf(instance('{'))).toBeUndefined();
    expect(modeOf(undefined)).toBeUndefined();
  });
});
