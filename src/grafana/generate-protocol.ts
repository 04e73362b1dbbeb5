import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const PROTOCOL = 'src/grafana/backend/proto';

/** Folder of the generated code. It is not in version control. */
export const GENERATED_FOLDER = join(repository, 'src/grafana/backend/gen');

/**
 * Generates the protobuf code of the backend from its .proto files, with the compiler and generator
 * of the installed npm packages. Needs no network.
 */
export function generateProtocol(): void {
  const tools = join(repository, 'node_modules', '.bin');
  execFileSync(
    join(tools, process.platform === 'win32' ? 'buf.cmd' : 'buf'),
    ['generate', PROTOCOL, '--template', `${PROTOCOL}/buf.gen.yaml`],
    {
      cwd: repository,
      stdio: 'inherit',
      shell: process.platform === 'win32',
      env: { ...process.env, PATH: `${tools}${delimiter}${process.env.PATH ?? ''}` },
    },
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  generateProtocol();
}
