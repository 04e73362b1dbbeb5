import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfigFile } from '../../../src/cli/config/read-config-file.ts';
import { EnvironmentSchema } from '../../../src/contract/settings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-check-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function check(yaml: string): Promise<unknown> {
  const path = join(folder, 'breakwatch.yaml');
  writeFileSync(path, yaml);
  return readConfigFile({ BREAKWATCH_CONFIG: path });
}

const ACCOUNT = 'accounts:\n  - name: shop\n    secretId: ${ID}\n    secretKey: ${KEY}\n';

describe('readConfigFile', () => {
  it.each<[string, string, string]>([
    ['a mistyped section', 'acounts: []\n', ':1:1: acounts is unknown; did you mean accounts?'],
    [
      'a mistyped setting',
      `${ACCOUNT}    sitee: intl\n`,
      ':5:5: accounts[0].sitee is unknown; did you mean site?',
    ],
    [
      'a number that is too large',
      `${ACCOUNT}    pollSeconds: 600\n`,
      ':5:5: accounts[0].pollSeconds must be a number from 1 to 59; got 600.',
    ],
    [
      'a site that does not exist',
      `${ACCOUNT}    site: us\n`,
      ':5:5: accounts[0].site must be cn or intl; got "us".',
    ],
    ['no name', 'accounts:\n  - site: cn\n', ':2:5: accounts[0].name is missing.'],
    [
      'a mistyped type of a channel',
      'alerts:\n  channels:\n    - name: ops\n      url: https://example.com\n      type: slak\n',
      ':5:7: alerts.channels[0].type is "slak"; did you mean slack?',
    ],
    [
      'a word for a switch',
      'alerts:\n  grafanaAlerting: "no"\n',
      ':2:3: alerts.grafanaAlerting must be true or false.',
    ],
    [
      'a section by a former name',
      'alerts:\n  webhooks: []\n',
      ':2:3: alerts.webhooks is unknown; did you mean channels?',
    ],
    [
      'mute intervals by a former name',
      'quiet: night.yaml\n',
      ':1:1: quiet is unknown; did you mean muteIntervals?',
    ],
  ])('names %s with line and column', async (_name, yaml, problem) => {
    await expect(check(yaml)).rejects.toMatchObject({
      code: 'BAD_CONFIG',
      message: expect.stringContaining(`breakwatch.yaml${problem}`),
    });
  });

  it('accepts the example in the documentation', async () => {
    const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
    const [, example = ''] = /## breakwatch\.yaml\n\n```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    expect(example).toContain('callbackFrom');
    await expect(check(example)).resolves.toMatchObject({ accounts: expect.any(Array) });
  });

  it('knows the variables that the documentation lists, and no other', () => {
    const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
    const [, table = ''] = /## Environment\n\n([\s\S]*?)\n## /.exec(page) ?? [];
    const listed = table
      .split('\n')
      .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)])
      .map(([, name]) => name);
    expect(Object.keys(EnvironmentSchema.properties).sort()).toEqual(listed.sort());
  });

  it('never quotes what may be a secret', async () => {
    const secret = 'AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE';
    for (const yaml of [`accounts:\n  - name: ${secret} x\n`, `accounts:\n  - ${secret}\n`]) {
      await expect(check(yaml)).rejects.toMatchObject({
        code: 'BAD_CONFIG',
        message: expect.not.stringContaining(secret),
      });
    }
  });
});
