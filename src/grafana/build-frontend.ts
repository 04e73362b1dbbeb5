import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Modules that Grafana shares with plugins. A second, bundled copy would break React hooks. */
const SHARED = [
  '@grafana/data',
  '@grafana/runtime',
  '@grafana/ui',
  'react',
  'react-dom',
  'react/jsx-runtime',
  'rxjs',
  'rxjs/operators',
  'lodash',
  'moment',
  '@emotion/css',
  '@emotion/react',
  'i18next',
];

/**
 * Builds the frontend of the plugin as one `module.js`, which Grafana's SystemJS loads. The format is
 * UMD, because it includes AMD, which Vite cannot write alone.
 *
 * @param outDir - folder of the plugin; other files in it are kept
 */
export async function buildFrontend(outDir: string): Promise<void> {
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    // There is no "process" in the browser.
    define: { 'process.env.NODE_ENV': '"production"' },
    // Grafana's React has no development runtime for JSX, so never use it, whatever NODE_ENV is.
    oxc: { jsx: { runtime: 'automatic', development: false } },
    build: {
      outDir,
      emptyOutDir: false,
      sourcemap: true,
      reportCompressedSize: false,
      lib: {
        entry: fileURLToPath(new URL('./frontend/module.ts', import.meta.url)),
        name: 'breakwatch',
        formats: ['umd'],
        fileName: () => 'module.js',
      },
      rolldownOptions: {
        external: SHARED,
        output: {
          exports: 'named',
          globals: Object.fromEntries(SHARED.map((name) => [name, name])),
        },
      },
    },
  });
}
