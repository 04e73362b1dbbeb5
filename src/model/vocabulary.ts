/**
 * The closed lists of the domain. Rules, views and alerts use only these values; any other value is an
 * error.
 *
 * @module
 */

/** Categories of causes. */
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

/** Categories between which the breaks of one unsteady stream alternate. */
export const UNSTEADY_CATEGORIES: readonly Category[] = [
  'network',
  'client',
  'unknown',
  'platform',
];

/**
 * How a push ended: `ended` is a normal stop, `broken` an interrupted push, `refused` a push that never
 * started.
 */
export const OUTCOMES = ['ended', 'broken', 'refused'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Severities, highest first. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Who has to act. */
export const SIDES = ['us', 'broadcaster', 'network', 'tencent', 'account'] as const;
export type Side = (typeof SIDES)[number];

/** How sure a diagnosis is, surest first. See `ConfidenceGround` for the reason. */
export const CONFIDENCES = ['certain', 'likely', 'possible'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** Languages of causes and fixes, in the order in which they replace a missing translation. */
export const LANGUAGES = ['en', 'zh', 'ja', 'ko'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each language's own name. */
export const LANGUAGE_NAMES: Record<Language, string> = {
  en: 'English',
  zh: '中文',
  ja: '日本語',
  ko: '한국어',
};

/** Where an event came from. */
export const SOURCES = ['callback', 'api', 'file'] as const;
export type Source = (typeof SOURCES)[number];

/**
 * When to push again: `none` (it would not help or is not needed), `after-fix`, or after a wait such as
 * `30s`.
 */
export type Retry = 'none' | 'after-fix' | `${number}s`;

const RETRY_WAIT = /^[1-9]\d*s$/;

/** Whether a value is a valid {@link Retry}. */
export function isRetry(text: unknown): text is Retry {
  return (
    text === 'none' || text === 'after-fix' || (typeof text === 'string' && RETRY_WAIT.test(text))
  );
}

/** Whether a value is in a closed list. */
export function isOneOf<const T extends readonly string[]>(
  list: T,
  value: unknown,
): value is T[number] {
  return typeof value === 'string' && list.includes(value);
}

/**
 * `pending`: the condition holds, but not for long enough yet, or the scope is not certain yet;
 * `firing`; `resolved`.
 */
export const ALERT_STATES = ['pending', 'firing', 'resolved'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** Colours of what people should look at, watch, leave alone, or like to see, in every view. */
export const STATUS_COLOURS = {
  bad: '#F2495C',
  uncertain: '#FF9830',
  good: '#73BF69',
  neutral: '#8e8e99',
  done: '#5794F2',
} as const;

/** Colour of each category in every view. */
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

/** Colour of gaps in collection, in every view. */
export const GAP_COLOUR = '#6e6e78';

/** Colour of each severity, as in Grafana's alert states. */
export const SEVERITY_COLOURS: Record<Severity, string> = {
  critical: '#F2495C',
  warning: '#FF9830',
  info: '#5794F2',
};

/**
 * What a token may do: read everything, change what people and imports add, or act on streams. A role
 * includes no other.
 */
export const ROLES = ['read', 'write', 'act'] as const;
/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number];
