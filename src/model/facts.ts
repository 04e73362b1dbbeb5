/** A fact's value. `null` never occurs in a snapshot: what is not known is left out. */
export type FactValue = string | number | boolean;

/**
 * All that was known about one event when it was diagnosed, by fact name (see the fact
 * catalogue). It is stored with the event, so back-test and replay read what the diagnosis read.
 */
export type Facts = Record<string, FactValue>;
