/**
 * Limits of queries and lookups. They are separate from the schemas, so that code can use them without loading these.
 *
 * @module
 */

/** Rows of a breaks query: the default and the maximum. */
export const BREAKS_LIMIT = { defaultValue: 1_000, max: 100_000 } as const;
/** Rows of a breaks query of Grafana that names no limit. A panel or a log shows them to a person, in time. */
export const SHOWN_BREAKS = 200;
/** Groups of a series query. */
export const SERIES_LIMIT = { defaultValue: 50, max: 1_000 } as const;
/** Regions of an annotations query. */
export const ANNOTATIONS_LIMIT = { defaultValue: 60, max: 2_000 } as const;
/** Rows of an incidents query. */
export const INCIDENTS_LIMIT = { defaultValue: 100, max: 1_000 } as const;
/** Rows of a streams query. */
export const STREAMS_LIMIT = { defaultValue: 1_000, max: 10_000 } as const;
/** Rows of a quality query. */
export const QUALITY_LIMIT = { defaultValue: 100, max: 10_000 } as const;
/** Rows of a recovery query. */
export const RECOVERY_LIMIT = { defaultValue: 100, max: 1_000 } as const;
/** Alerts of an alerts query. */
export const ALERTS_LIMIT = { defaultValue: 1_000, max: 10_000 } as const;
/** Characters of a text to explain. */
export const EXPLAIN_LENGTH = 128 * 1024;
