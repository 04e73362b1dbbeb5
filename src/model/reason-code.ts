/**
 * The numeric reason of an interruption as CSS gives it. Callbacks carry `errcode`; the sub code
 * stands in the reason table but is not documented in callbacks, so it is often unknown.
 */
export interface ReasonCode {
  errcode: number;
  /** `null` when the source does not tell it. */
  subErrcode: number | null;
}

/** The one spelling of a code: `18/501`, or `18` when the sub code is unknown or 0. */
export function printReasonCode(code: ReasonCode): string {
  return code.subErrcode === null || code.subErrcode === 0
    ? String(code.errcode)
    : `${code.errcode}/${code.subErrcode}`;
}
