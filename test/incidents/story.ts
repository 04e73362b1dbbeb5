import type { BreakRecord } from '../../src/model/break.ts';
import type { Push } from '../../src/model/push.ts';
import { breakRecord, HOUR, NOON, type RecordChanges, SECOND } from '../helpers/break-record.ts';

/** What happens to a stream, and where it is. Times in seconds after noon. */
export interface Happening {
  stream: string;
  at: number;
  domain?: string;
  app?: string;
  account?: string;
  node?: string;
  ip?: string;
  /** When the push that is cut had begun; an hour before noon when absent. */
  since?: number;
  /** When the stream is live again. */
  back?: number;
  wish?: RecordChanges;
}

/** A moment in seconds after noon as epoch ms. */
export function at(seconds: number): number {
  return NOON + seconds * SECOND;
}

function make(kind: string, happening: Happening, event: object, wish: RecordChanges): BreakRecord {
  const { stream, domain = 'a.example.com', app = 'live', account = 'default' } = happening;
  return breakRecord(`${kind}-${account}-${domain}-${stream}-${happening.at}`, {
    rule: wish.rule,
    verdict: { ...wish.verdict, ...happening.wish?.verdict },
    event: {
      account,
      domain,
      app,
      stream,
      endedAt: at(happening.at),
      node: happening.node ?? null,
      clientIp: happening.ip ?? null,
      recoveredAt: happening.back === undefined ? null : at(happening.back),
      reason: wish.verdict?.reason as string,
      ...event,
      ...happening.wish?.event,
    },
  });
}

/** A live push is cut by the network. */
export function cut(happening: Happening): BreakRecord {
  const startedAt = happening.since === undefined ? NOON - HOUR : at(happening.since);
  return make(
    'cut',
    happening,
    { startedAt, durationMs: at(happening.at) - startedAt },
    {
      rule: happening.wish?.rule ?? 'network/link-lost',
      verdict: {
        reason: 'network',
        category: 'network',
        outcome: 'broken',
        side: 'network',
        retry: '30s',
        severity: 'warning',
        confidence: 'likely',
      },
    },
  );
}

/** A try to push is refused because its URL had expired. */
export function refused(happening: Happening): BreakRecord {
  return make(
    'refused',
    happening,
    {},
    {
      rule: happening.wish?.rule ?? 'auth/url-expired',
      verdict: { reason: 'expiry_passed', category: 'auth', outcome: 'refused' },
    },
  );
}

/** A live push is cut because the bill is unpaid. */
export function unpaid(happening: Happening): BreakRecord {
  return cut({
    ...happening,
    wish: {
      rule: 'billing/arrears',
      verdict: {
        reason: 'arrears',
        category: 'billing',
        side: 'account',
        retry: 'after-fix',
        severity: 'critical',
        confidence: 'certain',
      },
    },
  });
}

/** A try to push is refused because the bill is unpaid. */
export function refusedForMoney(happening: Happening): BreakRecord {
  return refused({
    ...happening,
    wish: { rule: 'billing/arrears', verdict: { reason: 'arrears', category: 'billing' } },
  });
}

/** A push ends as planned. */
export function stopped(happening: Happening): BreakRecord {
  return cut({
    ...happening,
    wish: {
      rule: 'client/stopped',
      verdict: { reason: 'client_closed', category: 'client', outcome: 'ended', retry: 'none' },
    },
  });
}

/** A push that nothing tells the end of. */
export function livePush(stream: string, since: number, domain = 'a.example.com'): Push {
  return {
    account: 'default',
    domain,
    app: 'live',
    stream,
    startedAt: at(since),
    endedAt: null,
    sequence: null,
  };
}

/** Numbers from 0, each with its own name. */
export function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_unused, index) => make(index));
}
