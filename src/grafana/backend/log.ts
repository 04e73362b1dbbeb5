import { isSecretName, redact } from './redact.ts';

/** Levels as Grafana knows them, quietest first. */
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** Further facts of a line; they become fields of Grafana's log. */
export type LogFields = Record<string, unknown>;

/** Grafana splits lines above 64 KiB, so no single value may come near. */
const MAX_VALUE_LENGTH = 8_192;
const MAX_FIELDS = 20;
/** What a line may hold at most, so that twenty long values do not add up to a split line. */
const MAX_LINE_LENGTH = 32_768;

function shorten(text: string): string {
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
}

function asText(value: unknown): string {
  if (value instanceof Error) {
    return value.stack ?? `${value.name}: ${value.message}`;
  }
  if (typeof value === 'object' && value !== null) {
    try {
      return JSON.stringify(value);
    } catch {
      return String(value);
    }
  }
  return String(value);
}

/** Grafana reads only timestamps with exactly six digits after the second. */
function timestamp(now: Date): string {
  return now.toISOString().replace('Z', '000Z');
}

/**
 * One line of the log as go-plugin reads it: a JSON object whose three `@` keys are always texts, as
 * Grafana itself goes down on anything else there.
 *
 * @param now - the moment, shown in UTC
 */
export function formatLogLine(
  level: LogLevel,
  message: string,
  fields: LogFields = {},
  now: Date = new Date(),
): string {
  const line: Record<string, string> = {
    '@level': LEVELS.includes(level) ? level : 'info',
    '@message': shorten(redact(String(message))),
    '@timestamp': timestamp(now),
  };
  let length = line['@message']?.length ?? 0;
  for (const [name, value] of Object.entries(fields).slice(0, MAX_FIELDS)) {
    if (value === undefined || name.startsWith('@')) {
      continue;
    }
    const shown = isSecretName(name) ? '[redacted]' : shorten(redact(asText(value)));
    length += name.length + shown.length;
    if (length > MAX_LINE_LENGTH) {
      break;
    }
    line[name] = shown;
  }
  return `${JSON.stringify(line)}\n`;
}

const wanted = LEVELS.indexOf((process.env.GF_PLUGIN_LOG_LEVEL as LogLevel) ?? 'info');
const quietest = wanted < 0 ? LEVELS.indexOf('info') : wanted;

/** Writes one line to standard error, from where Grafana takes it into its own log. */
export function log(level: LogLevel, message: string, fields?: LogFields): void {
  if (LEVELS.indexOf(level) >= quietest) {
    process.stderr.write(formatLogLine(level, message, fields));
  }
}
