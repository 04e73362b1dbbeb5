import type { Push } from './push.ts';
import { silenceBeforeBreakMs, type World } from './world.ts';

/** A break that a tester orders. */
export interface OrderedBreak {
  domain: string;
  app: string;
  stream: string;
  errcode: number;
  subErrcode: number;
}

/**
 * Checks an order that came from outside. `app` is `live` and `subErrcode` 0 when left out.
 *
 * @throws Error that names the bad field
 */
export function parseOrderedBreak(input: unknown): OrderedBreak {
  if (typeof input !== 'object' || input === null) throw new Error('a JSON object is expected');
  const {
    domain,
    app = 'live',
    stream,
    errcode,
    subErrcode = 0,
  } = input as Record<string, unknown>;
  for (const [name, value] of Object.entries({ domain, app, stream })) {
    if (typeof value !== 'string' || value === '') throw new Error(`${name} must be a text`);
  }
  for (const [name, value] of Object.entries({ errcode, subErrcode })) {
    if (!Number.isInteger(value)) throw new Error(`${name} must be a whole number`);
  }
  return { domain, app, stream, errcode, subErrcode } as OrderedBreak;
}

/**
 * Makes a break happen now. A push on air under the name is cut, and its host reacts as its kind
 * does. Else codes 18 and 19 are a push refused at its start, and all others first start a push.
 * Network and idle codes have their 70 s of silence behind them.
 */
export function causeBreak(world: World, order: OrderedBreak): Push {
  return world.act(() => breakNow(world, order));
}

function breakNow(world: World, order: OrderedBreak): Push {
  const code = { errcode: order.errcode, subErrcode: order.subErrcode };
  let push = world.find(order.domain, order.app, order.stream);
  if (!push) {
    const host = world.addHost({
      domain: order.domain,
      app: order.app,
      stream: order.stream,
      clientIp: `203.0.113.${world.random.between(1, 254)}`,
      reconnect: 'none',
    });
    if (order.errcode === 18 || order.errcode === 19) {
      world.admit(host, code);
      return world.finished.at(-1) as Push;
    }
    host.start();
    push = host.push;
    // Refused after all, by the state the world is in: that is the break then.
    if (!push) return world.finished.at(-1) as Push;
  }
  const silent = (code.errcode >= 12 && code.errcode <= 17) || [8, 20].includes(code.errcode);
  if (silent) {
    push.silentFrom = Math.max(push.startedAt, world.now - silenceBeforeBreakMs);
  }
  const meant = code.errcode === 1 || code.errcode === 2;
  world.end(push, code, meant ? 'ended' : 'broken');
  return push;
}
