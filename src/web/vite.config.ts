import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Copies the icons and fonts that @grafana/ui loads by URL. */
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
      const faces = {
        '400-normal': 'Regular',
        '400-italic': 'Italic',
        '500-normal': 'Medium',
        '500-italic': 'MediumItalic',
      };
      for (const [face, name] of Object.entries(faces)) {
        cpSync(
          `${repository}node_modules/@fontsource/inter/files/inter-latin-${face}.woff2`,
          `${options.dir}/public/fonts/inter/Inter-${name}.woff2`,
        );
      }
      cpSync(
        `${repository}node_modules/@fontsource/roboto-mono/files/roboto-mono-latin-400-normal.woff2`,
        `${options.dir}/public/fonts/roboto/L0xTDF4xlVMF-BfR8bXMIhJHg45mwgGEFl0_3vrtSM1J-gEPT5Ese6hmHSh0mQ.woff2`,
      );
      cpSync(`${repository}src/grafana/img/logo.svg`, `${options.dir}/logo.svg`);
    },
  };
}

/** Files to compress at build time, so that the server need not do it. */
const COMPRESSED = /\.(js|css|html)$/;

/** Writes a `.br` and a `.gz` file beside each text file; the server sends what the browser accepts. */
function compressedAssets(): Plugin {
  return {
    name: 'compressed-assets',
    apply: 'build',
    writeBundle: {
      order: 'post',
      handler(options, bundle) {
        for (const name of Object.keys(bundle).filter((file) => COMPRESSED.test(file))) {
          const path = `${options.dir}/${name}`;
          const content = readFileSync(path);
          const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
          writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
          writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
        }
      },
    },
  };
}

export default defineConfig({
  root,
  resolve: {
    alias: [
      // The page needs the time zone data of recent years only; all of it is 0.7 MB.
      {
        find: /^moment-timezone$/,
        replacement: `${repository}node_modules/moment-timezone/builds/moment-timezone-with-data-10-year-range.js`,
      },
    ],
  },
  base: '/',
  publicDir: false,
  plugins: [react(), grafanaAssets(), compressedAssets()],
  build: {
    outDir: `${repository}dist/web`,
    emptyOutDir: true,
    chunkSizeWarningLimit: 4_000,
    reportCompressedSize: false,
  },
  logLevel: 'warn',
});
