/** Levels of the log, most severe first. */
export type LogLevel = 'error' | 'warn' | 'info';

/** Writes one line to the log. A message must hold no secret, no request body and no query string. */
export type Log = (level: LogLevel, message: string) => void;
