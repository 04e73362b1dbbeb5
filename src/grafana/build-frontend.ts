import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Modules that Grafana shares with plugins; bundling a second copy of them would break its hooks. */
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
 * Builds the plugin's frontend into one `module.js` that Grafana's SystemJS loads. The UMD wrapper
 * is used for its AMD branch, as Vite writes no plain AMD.
 *
 * @param outDir - folder of the plugin; other files in it stay
 */
export async function buildFrontend(outDir: string): Promise<void> {
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    // Grafana lays no "process" into the page.
    define: { 'process.env.NODE_ENV': '"production"' },
    // Grafana's React has no development runtime of JSX, whatever NODE_ENV the build runs under.
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
