import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { build } from 'vite';
import { buildFrontend } from '../../src/grafana/build-frontend.ts';

const harness = fileURLToPath(new URL('./harness', import.meta.url));
const systemjs = fileURLToPath(new URL('../../node_modules/systemjs/dist', import.meta.url));
const icons = fileURLToPath(
  new URL('../../node_modules/@grafana/ui/dist/public/img/icons', import.meta.url),
);

const locales = fileURLToPath(new URL('../../src/grafana/locales', import.meta.url));

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

/** What the resource `values/<filter>` answers here. */
export const VALUES: Record<string, string[]> = {
  domain: ['push-a.example.com', 'push-b.example.com'],
  stream: ['shop-17', 'shop-18'],
};

/**
 * Builds the plugin's frontend and a page that loads it as Grafana does: SystemJS with its AMD and
 * named-register extras, and the shared modules laid into it.
 *
 * @param folder - an empty folder for what is built
 * @returns the page's address and the way to end
 */
export async function serveHarness(
  folder: string,
): Promise<{ url: string; requests: string[]; close(): Promise<void> }> {
  const plugin = join(folder, 'plugin');
  const page = join(folder, 'page');
  await buildFrontend(plugin);
  await build({
    configFile: false,
    root: harness,
    publicDir: false,
    logLevel: 'error',
    plugins: [react()],
    // SystemJS's AMD extra is on the page: bundled CommonJS packages must not register with it.
    define: { 'define.amd': 'false' },
    build: { outDir: page, emptyOutDir: true, chunkSizeWarningLimit: 10_000, minify: false },
  });
  const folders: [string, string][] = [
    ['/plugin/', plugin],
    ['/locales/', locales],
    ['/systemjs/', systemjs],
    ['/public/build/img/icons/', icons],
    ['/', page],
  ];
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const resource = /\/resources\/values\/(\w+)$/.exec(pathname);
    if (resource) {
      requests.push(request.url ?? '');
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ values: VALUES[resource[1] ?? ''] ?? [] }));
      return;
    }
    const [prefix, from] = folders.find(([start]) => pathname.startsWith(start)) as [
      string,
      string,
    ];
    const path = normalize(pathname.slice(prefix.length)) || '.';
    readFile(join(from, path === '.' ? 'index.html' : path)).then(
      (content) => {
        response.setHeader('content-type', TYPES[extname(path) || '.html'] ?? 'text/plain');
        response.end(content);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
