import type { PushKey } from '../css/push-url/push-url.ts';

/** One Tencent account to watch. Either a key pair, callback keys, or both. */
export interface Account {
  /** Breakwatch's name of it: letters, digits, `-` and `_`; stands in callback URLs and labels. */
  name: string;
  /** The site that the account belongs to. */
  site: 'cn' | 'intl';
  /** Another base URL of the API, e.g. a simulator's; the site's own when absent. */
  endpoint?: string;
  /** Key pair of a CAM user that may read CSS; without it there is no polling. */
  credentials?: { secretId: string; secretKey: string };
  /** Callback keys valid now; two while a key is being changed. */
  callbackKeys: string[];
  /** Addresses and CIDR ranges that callbacks may come from; from anywhere when absent. */
  callbackFrom?: string[];
  /** The account's number in the CSS console, with which its stream codes begin; any when absent. */
  bizid?: string;
  /** Push authentication keys, to tell whether a txSecret fits. */
  pushKeys: PushKey[];
  /** Whether streams may be dropped, forbidden and resumed; false when absent. */
  actions?: boolean;
  /** How far back the first poll reaches, in ms. */
  backfillMs: number;
  /** Time between polls, in s. */
  pollSeconds: number;
}
