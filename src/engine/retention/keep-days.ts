/** Days that are kept unless something else is set: a year and a month to compare it with. */
export const KEEP_DAYS = 400;
