import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const repository = fileURLToPath(new URL('../..', import.meta.url));

/** @grafana/ui fetches its icons by address instead of bundling them. */
function grafanaIcons(): Plugin {
  return {
    name: 'grafana-icons',
    apply: 'build',
    writeBundle(options) {
      cpSync(
        `${repository}node_modules/@grafana/ui/dist/public/img/icons`,
        `${options.dir}/public/build/img/icons`,
        { recursive: true },
      );
      cpSync(`${repository}src/grafana/img/logo.svg`, `${options.dir}/logo.svg`);
      cpSync(`${repository}docs/runbooks`, `${options.dir}/runbooks`, { recursive: true });
    },
  };
}

export default defineConfig({
  root,
  base: '/',
  publicDir: false,
  plugins: [react(), grafanaIcons()],
  build: {
    outDir: `${repository}dist/web`,
    emptyOutDir: true,
    chunkSizeWarningLimit: 4_000,
    reportCompressedSize: false,
  },
  logLevel: 'warn',
});
