import type { FieldConfig, FrameMeta, Notice } from '../../model/frame.ts';

/*
 * Grafana reads meta, config and labels as JSON of fixed shapes, and one value of a wrong type makes
 * it refuse the whole answer, of all queries of the call. So only what is known and right passes.
 */

const FRAME_TYPES: readonly unknown[] = [
  'timeseries-multi',
  'timeseries-wide',
  'numeric-long',
  'numeric-multi',
  'table',
] satisfies FrameMeta['type'][];
const VISUALISATIONS: readonly unknown[] = [
  'graph',
  'table',
  'logs',
] satisfies FrameMeta['preferredVisualisationType'][];
const NOTICE_SEVERITIES: readonly unknown[] = [
  'info',
  'warning',
  'error',
] satisfies Notice['severity'][];

type Loose = Record<string, unknown>;

function isObject(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

/** JSON of a value; undefined when it has none (circular, BigInt, …) or says nothing. */
export function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function texts(from: Loose, names: readonly string[]): Loose {
  return Object.fromEntries(names.filter((name) => isText(from[name])).map((n) => [n, from[n]]));
}

function custom(from: Loose): Loose {
  return isObject(from.custom) && jsonOf(from.custom) !== undefined ? { custom: from.custom } : {};
}

/** The parts of a frame's meta that Grafana can read. */
export function cleanMeta(meta: unknown): FrameMeta {
  if (!isObject(meta)) {
    return {};
  }
  const { type, typeVersion, preferredVisualisationType, dataTopic, notices } = meta;
  const clean: Loose = {};
  if (FRAME_TYPES.includes(type)) {
    clean.type = type;
  }
  if (Array.isArray(typeVersion) && typeVersion.length === 2 && typeVersion.every(isCount)) {
    clean.typeVersion = typeVersion;
  }
  if (VISUALISATIONS.includes(preferredVisualisationType)) {
    clean.preferredVisualisationType = preferredVisualisationType;
  }
  if (dataTopic === 'annotations') {
    clean.dataTopic = dataTopic;
  }
  if (Array.isArray(notices)) {
    clean.notices = notices
      .filter(
        (notice) =>
          isObject(notice) && NOTICE_SEVERITIES.includes(notice.severity) && isText(notice.text),
      )
      .map(({ severity, text }) => ({ severity, text }));
  }
  return { ...clean, ...custom(meta) };
}

/** The parts of a field's config that Grafana can read. */
export function cleanConfig(config: unknown): FieldConfig {
  if (!isObject(config)) {
    return {};
  }
  const clean = texts(config, ['displayName', 'displayNameFromDS', 'description', 'unit']);
  if (Array.isArray(config.links)) {
    clean.links = config.links
      .filter((link) => isObject(link) && isText(link.title) && isText(link.url))
      .map(({ title, url, targetBlank }) => ({
        title,
        url,
        ...(targetBlank === true ? { targetBlank } : {}),
      }));
  }
  if (isObject(config.color) && isText(config.color.mode)) {
    clean.color = texts(config.color, ['mode', 'fixedColor']);
  }
  if (typeof config.interval === 'number' && config.interval >= 0 && config.interval < 1e15) {
    clean.interval = config.interval;
  }
  return { ...clean, ...custom(config) };
}

/** Labels with text values; numbers and booleans become texts, all else is left out. */
export function cleanLabels(labels: unknown): Record<string, string> {
  if (!isObject(labels)) {
    return {};
  }
  return Object.fromEntries(
    Object.entries(labels)
      .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
      .map(([name, value]) => [name, String(value)]),
  );
}
