/** Takes one line of the log. Messages carry no secret, no body and no query string. */
export type Log = (level: 'error' | 'warn' | 'info', message: string) => void;
