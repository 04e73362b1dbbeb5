import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES, type Route } from '../../src/contract/routes.ts';
import { shippedRunbooksFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { openWorkbench, type Workbench } from '../../src/engine/workbench/open-workbench.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';

/** Fastify adds these to every GET route. */
const isHead = (name: string) => name.startsWith('HEAD ');

describe('GET /api/v1/openapi.json', () => {
  let running: TestServer;
  let workbench: Workbench;
  let document: {
    openapi: string;
    paths: Record<string, Record<string, { responses: object; operationId: string }>>;
    components: { schemas: Record<string, unknown> };
  };

  beforeAll(async () => {
    const snapshots = { list: async () => [], bytes: async () => null, breaks: async () => [] };
    workbench = openWorkbench({
      rules: () => ({ hash: 'none', rules: [] }),
      folders: [],
      snapshots,
    });
    running = await startTestServer({
      snapshots,
      workbench,
      runbooks: { shipped: shippedRunbooksFolder(), own: [] },
    });
    document = await (await fetch(`${running.url}/api/v1/openapi.json`)).json();
  });
  afterAll(async () => {
    await running.stop();
    await workbench.close();
  });

  it('has exactly the routes of the server', () => {
    // The pages of runbooks are for people; the contract has the API.
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(
        (method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
      ),
    );
    const served = running.answers.routes.filter(
      (name) => !isHead(name) && name !== 'GET /runbooks/:file',
    );
    expect(served.length).toBeGreaterThan(25);
    expect(documented.sort()).toEqual([...new Set(served)].sort());
  });

  it('lists each route once, with its error codes', () => {
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    const names = operations.map(({ operationId }) => operationId);
    expect(names.sort()).toEqual(Object.keys(ROUTES).sort());
    for (const { operationId, responses } of operations) {
      const { errors } = (ROUTES as Record<string, Route>)[operationId] as Route;
      const text = JSON.stringify(responses);
      expect(errors.filter((code) => !text.includes(`"${code}"`))).toEqual([]);
    }
  });

  it('only refers to its own schemas', () => {
    const text = JSON.stringify(document);
    const referred = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name);
    expect(new Set(referred)).toEqual(new Set(Object.keys(document.components.schemas)));
  });
});
