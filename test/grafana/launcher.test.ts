import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { launcherScript } from '../../src/grafana/launcher.ts';

const KEYS = '--no-memory-protection-keys';

describe('launcher', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'breakwatch-launcher-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, 0o755);
    return path;
  }

  /** What a Node is started with that knows the option, or refuses it as Node does. */
  function startedWith(knowsKeys: boolean): string[] {
    const node = write(
      'some-node',
      `#!/bin/sh
      for option; do
        case $option in
          ${KEYS}) [ ${knowsKeys} = true ] || exit 9 ;;
          -e) exit 0 ;;
        esac
      done
      printf '%s\\n' "$@"`,
    );
    const executable = write('gpx_breakwatch_linux_amd64', launcherScript('linux_amd64'));
    const printed = execFileSync(executable, { env: { GF_PLUGIN_NODE_PATH: node } });
    return printed.toString().trim().split('\n');
  }

  test('sets the V8 option that prevents aborts if Node supports it', () => {
    const started = startedWith(true);
    expect(started[0]).toBe(KEYS);
    expect(started.at(-1)).toBe(join(folder, 'main.cjs'));
  });

  test('starts Node without the option if it is not supported', () => {
    const started = startedWith(false);
    expect(started).not.toContain(KEYS);
    expect(started).toContain('--max-semi-space-size=4');
    expect(started.at(-1)).toBe(join(folder, 'main.cjs'));
  });
});
