import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const repository = fileURLToPath(new URL('../..', import.meta.url));

/** @grafana/ui fetches its icons and fonts by address instead of bundling them. */
function grafanaAssets(): Plugin {
  return {
    name: 'grafana-assets',
    apply: 'build',
    writeBundle(options) {
      cpSync(
        `${repository}node_modules/@grafana/ui/dist/public/img/icons`,
        `${options.dir}/public/build/img/icons`,
        { recursive: true },
      );
      for (const [weight, name] of Object.entries({ 400: 'Regular', 500: 'Medium' })) {
        cpSync(
          `${repository}node_modules/@fontsource/inter/files/inter-latin-${weight}-normal.woff2`,
          `${options.dir}/public/fonts/inter/Inter-${name}.woff2`,
        );
      }
      cpSync(
        `${repository}node_modules/@fontsource/roboto-mono/files/roboto-mono-latin-400-normal.woff2`,
        `${options.dir}/public/fonts/roboto/L0xTDF4xlVMF-BfR8bXMIhJHg45mwgGEFl0_3vrtSM1J-gEPT5Ese6hmHSh0mQ.woff2`,
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
  plugins: [react(), grafanaAssets()],
  build: {
    outDir: `${repository}dist/web`,
    emptyOutDir: true,
    chunkSizeWarningLimit: 4_000,
    reportCompressedSize: false,
  },
  logLevel: 'warn',
});
