/**
 * The closed lists of the domain. Every room, rule file, view and alert uses these words and no
 * others, so a value outside a list is always an error and never a new meaning.
 *
 * @module
 */

/** Root-cause categories: what kind of thing went wrong. */
export const CATEGORIES = [
  'auth',
  'billing',
  'network',
  'client',
  'platform',
  'config',
  'operator',
  'unknown',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** Categories that the breaks of one unsteady stream show in turn. */
export const UNSTEADY_CATEGORIES: readonly Category[] = [
  'network',
  'client',
  'unknown',
  'platform',
];

/**
 * How a push came to an end: `ended` is a normal stop, `broken` a push that was cut, `refused` a
 * push that never started.
 */
export const OUTCOMES = ['ended', 'broken', 'refused'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How loud a diagnosis should be, loudest first. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Whose side has to act. */
export const SIDES = ['us', 'broadcaster', 'network', 'tencent', 'account'] as const;
export type Side = (typeof SIDES)[number];

/** How sure a diagnosis is; the ground is named beside it. */
export const CONFIDENCES = ['certain', 'likely', 'possible'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** Languages of causes and fixes, in the order they fall back when a text is missing. */
export const LANGUAGES = ['en', 'zh', 'ja', 'ko'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Where an event was seen. */
export const SOURCES = ['callback', 'api', 'file'] as const;
export type Source = (typeof SOURCES)[number];

/**
 * When to push again: `none` (pointless or not needed), `after-fix`, or a wait such as `30s`.
 */
export type Retry = 'none' | 'after-fix' | `${number}s`;

const RETRY_WAIT = /^[1-9]\d*s$/;

/** Tells whether a text is a valid {@link Retry}. */
export function isRetry(text: unknown): text is Retry {
  return (
    text === 'none' || text === 'after-fix' || (typeof text === 'string' && RETRY_WAIT.test(text))
  );
}

/** Tells whether a value is one of a closed list, narrowing its type. */
export function isOneOf<const T extends readonly string[]>(
  list: T,
  value: unknown,
): value is T[number] {
  return typeof value === 'string' && list.includes(value);
}

/** One colour a category in every view, far enough apart to be told by eye. */
export const CATEGORY_COLOURS: Record<Category, string> = {
  auth: '#B877D9',
  billing: '#F2CC0C',
  network: '#5794F2',
  client: '#8AB8FF',
  platform: '#F2495C',
  config: '#FF9830',
  operator: '#73BF69',
  unknown: '#8e8e99',
};

/** Stretches of time of which nothing is known, in every view. */
export const GAP_COLOUR = '#6e6e78';

/** Colours of severities, as Grafana paints alert states. */
export const SEVERITY_COLOURS: Record<Severity, string> = {
  critical: '#F2495C',
  warning: '#FF9830',
  info: '#5794F2',
};
