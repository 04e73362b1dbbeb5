import type { Params, ParamTable } from '../api-request.ts';
import type { CallbackPoster } from '../callback-poster.ts';
import type { World } from '../world.ts';

/** Options for what the CSS documents leave open about the event list. */
export interface ApiStyle {
  /** Language of StopReason when the request has no X-TC-Language. */
  site: 'cn' | 'intl';
  /** `plain`; `code` appends the errcode, such as `(3)`; `full-stop` ends the text with 。 or ".". */
  stopReasonStyle: 'plain' | 'code' | 'full-stop';
  /** Delay until a finished push is in the event list, ms. */
  apiDelayMs: number;
  /** The event list has refused pushes only for `api` and `both`. */
  refusals: 'callback' | 'api' | 'both';
  /** Which time of a push must be within StartTime and EndTime. */
  windowMatches: 'start' | 'end';
  /** Meaning of a missing AppName. According to the documents it is `live`. */
  appNameDefault: 'live' | 'all';
}

/** What an action can use. */
export interface ActionContext {
  world: World;
  style: ApiStyle;
  poster: CallbackPoster | undefined;
  /** Value of X-TC-Language, if sent. */
  language: string | undefined;
}

/** One API action: its documented rate limit, its fields, and its answer. */
export interface Action {
  /** Maximum calls per second. */
  rate: number;
  params: ParamTable;
  /** Returns the fields of `Response`, without RequestId. Throws ApiError. */
  run(params: Params, context: ActionContext): Record<string, unknown>;
}
