import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validate as Deployment } from 'kubernetes-models/_schemas/IoK8sApiAppsV1Deployment';
import { validate as Job } from 'kubernetes-models/_schemas/IoK8sApiBatchV1Job';
import { validate as ConfigMap } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap';
import { validate as Service } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Service';
import { validate as PodDisruptionBudget } from 'kubernetes-models/_schemas/IoK8sApiPolicyV1PodDisruptionBudget';
import { describe, expect, test } from 'vitest';
import { LineCounter, parseAllDocuments, parseDocument } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { checkConfigFile } from '../../src/cli/config/check-config-file.ts';
import { KNOWN_VARIABLES } from '../../src/cli/config/check-environment.ts';
import { ROUTES } from '../../src/contract/routes.ts';

const FOLDER = 'packaging/kubernetes';
const CHECKS = { Deployment, Job, PodDisruptionBudget, ConfigMap, Service };

// biome-ignore lint/suspicious/noExplicitAny: manifests of any kind.
type Manifest = any;

const manifests: Manifest[] = readdirSync(FOLDER).flatMap((file) =>
  parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  }),
);
const of = (kind: string): Manifest => manifests.find((one) => one.kind === kind);

/** Notes which fields of a value are read. @param unread - the paths of those that were not */
function watched(value: Manifest, unread: Set<string>, path = ''): Manifest {
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const fields = Object.entries(value).map(([name, one]) => {
    const place = `${path}/${name}`;
    unread.add(place);
    return [name, place, watched(one, unread, place)] as const;
  });
  const children = new Map(fields.map(([name, , child]) => [name, child]));
  const places = new Map(fields.map(([name, place]) => [name, place]));
  return new Proxy(value, {
    get(target, name) {
      unread.delete(places.get(name as string) ?? '');
      return children.get(name as string) ?? target[name];
    },
  });
}

/**
 * Checks a manifest against the schema of its kind. Its check accepts fields that do not exist, but it never reads them.
 *
 * @throws when it does not fit
 */
function check(manifest: Manifest): void {
  const fits: { (data: unknown): boolean; errors?: unknown } =
    CHECKS[manifest.kind as keyof typeof CHECKS];
  const unread = new Set<string>();
  const isFit = fits(watched(manifest, unread));
  expect([isFit, fits.errors ?? null]).toEqual([true, null]);
  expect([...unread]).toEqual([]);
}

/** All objects in a value that have a field of this name. */
function withField(value: unknown, name: string): Manifest[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const found = Object.values(value).flatMap((one) => withField(one, name));
  return name in value ? [value, ...found] : found;
}

describe('the manifests for Kubernetes', () => {
  test.each(manifests.map((one): [string, Manifest] => [`${one.kind} ${one.metadata.name}`, one]))(
    'fit the schema of their kind: %s',
    (_name, manifest) => {
      check(manifest);
    },
  );

  test('would be refused with a wrong type or a field that does not exist', () => {
    const deployment = of('Deployment');
    const wrong = (change: object) => () =>
      check({ ...deployment, spec: { ...deployment.spec, ...change } });
    expect(wrong({ replicas: 'three' })).toThrow();
    expect(wrong({ replica: 3 })).toThrow();
    expect(wrong({})).not.toThrow();
  });

  test('select the pods that the deployment makes', () => {
    const { labels } = of('Deployment').spec.template.metadata;
    expect(of('Deployment').spec.selector.matchLabels).toEqual(labels);
    expect(of('Service').spec.selector).toEqual(labels);
    expect(of('PodDisruptionBudget').spec.selector.matchLabels).toEqual(labels);
    // Or the service would send requests to it.
    expect(of('Job').spec.template.metadata.labels).not.toEqual(labels);
  });

  test('probe routes that exist, on the port of the server', () => {
    const [container] = of('Deployment').spec.template.spec.containers;
    const names = container.ports.map(({ name }: Manifest) => name);
    const probes = withField(container, 'httpGet').map(({ httpGet }) => httpGet);
    expect(probes).toHaveLength(3);
    for (const { path, port } of probes) {
      expect(Object.values(ROUTES).map((route) => route.path)).toContain(path);
      expect(names).toContain(port);
    }
    expect(names).toContain(of('Service').spec.ports[0].targetPort);
    expect(container.livenessProbe.httpGet.path).toBe('/healthz');
    expect(container.readinessProbe.httpGet.path).toBe('/readyz');
    const dockerfile = readFileSync('packaging/Dockerfile', 'utf8');
    expect(dockerfile).toContain(`EXPOSE ${container.ports[0].containerPort}`);
  });

  test('use the version, variables, settings and options of this package', () => {
    for (const { image } of withField(manifests, 'image')) {
      expect(image).toBe(`breakwatch:${packageJson.version}`);
    }
    for (const { env } of withField(manifests, 'env')) {
      for (const { name } of env) {
        expect(KNOWN_VARIABLES).toContain(name);
      }
    }
    const lines = new LineCounter();
    const text = of('ConfigMap').data['breakwatch.yaml'];
    const document = parseDocument(text, { lineCounter: lines });
    expect(checkConfigFile(document, lines, 'breakwatch.yaml')).toMatchObject({
      server: { allowedHosts: [of('Service').metadata.name] },
    });
    const { args } = of('Job').spec.template.spec.containers[0];
    const command = readFileSync('src/cli/commands/rules/publish.ts', 'utf8');
    for (const option of args.filter((arg: string) => arg.startsWith('--'))) {
      expect(command).toMatch(new RegExp(`'${option}[ ']`));
    }
  });

  test('mount every volume that they name', () => {
    for (const { template } of withField(manifests, 'template').map(({ template: one }) => ({
      template: one,
    }))) {
      const { volumes, containers } = template.spec;
      const mounted = containers[0].volumeMounts.map(({ name }: Manifest) => name);
      expect(mounted.sort()).toEqual(volumes.map(({ name }: Manifest) => name).sort());
    }
  });
});
