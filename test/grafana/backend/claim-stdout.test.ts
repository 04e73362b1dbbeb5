import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const CLAIM = fileURLToPath(
  new URL('../../../src/grafana/backend/claim-stdout.ts', import.meta.url),
);

test('standard output is for the handshake alone; what others print becomes log lines', () => {
  const program = `
    import { claimStdout } from ${JSON.stringify(CLAIM)};
    const print = claimStdout();
    console.log('a banner of %s', 'a library');
    console.error('and its trouble');
    console.table([{ a: 1 }]);
    process.stdout.write('straight\\n', () => console.warn('its callback ran'));
    print('1|2|unix|/tmp/x.sock|grpc|');
    console.log('afterwards');
  `;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program],
    { encoding: 'utf8' },
  );
  expect(status).toBe(0);
  expect(stdout).toBe('1|2|unix|/tmp/x.sock|grpc|\n');
  const lines = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
  const messages = lines.map((line) => `${line['@level']} ${line['@message']}`);
  expect(messages).toEqual(
    expect.arrayContaining([
      'info a banner of a library',
      'error and its trouble',
      'warn its callback ran',
      'info afterwards',
    ]),
  );
});
