import type { Params, ParamTable } from '../api-params.ts';
import type { CallbackPoster } from '../callback-poster.ts';
import type { World } from '../world.ts';

/** How the event list speaks and counts where the documents leave a choice. */
export interface ApiStyle {
  /** Language of StopReason unless the caller asks for one by X-TC-Language. */
  site: 'cn' | 'intl';
  /** `plain`; `code` adds the errcode, `(3)`; `full-stop` ends with 。 or a full stop. */
  stopReasonStyle: 'plain' | 'code' | 'full-stop';
  /** How long after its end a push shows in the event list, ms. */
  apiDelayMs: number;
  /** Refused pushes are listed only when this is `api` or `both`. */
  refusals: 'callback' | 'api' | 'both';
  /** Which time of a push is matched with the asked window. */
  windowMatches: 'start' | 'end';
  /** What a missing AppName means: the documents say `live`. */
  appNameDefault: 'live' | 'all';
}

/** What an action works on. */
export interface ActionContext {
  world: World;
  style: ApiStyle;
  poster: CallbackPoster | undefined;
  /** Value of X-TC-Language, if sent. */
  language: string | undefined;
}

/** One API action: its documented rate, its fields, and its answer. */
export interface Action {
  /** Calls a second. */
  rate: number;
  params: ParamTable;
  /** Answers the fields of `Response` but RequestId. Throws ApiError. */
  run(params: Params, context: ActionContext): Record<string, unknown>;
}
