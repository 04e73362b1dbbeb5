import type { Push } from './push.ts';
import { silenceBeforeBreakMs, type World } from './world.ts';

/** A break that a test requests. */
export interface BreakRequest {
  domain: string;
  app: string;
  stream: string;
  errcode: number;
  subErrcode: number;
}

/**
 * Checks the body of a break request. `app` defaults to `live`, and `subErrcode` to 0.
 *
 * @throws Error that names the invalid field
 */
export function parseBreakRequest(input: unknown): BreakRequest {
  if (typeof input !== 'object' || input === null)
    throw new Error('the body must be a JSON object');
  const {
    domain,
    app = 'live',
    stream,
    errcode,
    subErrcode = 0,
  } = input as Record<string, unknown>;
  for (const [name, value] of Object.entries({ domain, app, stream })) {
    if (typeof value !== 'string' || value === '')
      throw new Error(`${name} must be a non-empty string`);
  }
  for (const [name, value] of Object.entries({ errcode, subErrcode })) {
    if (!Number.isInteger(value)) throw new Error(`${name} must be a whole number`);
  }
  return { domain, app, stream, errcode, subErrcode } as BreakRequest;
}

/**
 * Makes a break happen now. If the stream is live, its push ends with the given code, and its host
 * reconnects as configured. If not, codes 18 and 19 refuse a new push, and all others start a push
 * and end it. Network and idle codes come with the 70 s of silence that precede them.
 */
export function causeBreak(world: World, request: BreakRequest): Push {
  return world.act(() => breakNow(world, request));
}

function breakNow(world: World, request: BreakRequest): Push {
  const code = { errcode: request.errcode, subErrcode: request.subErrcode };
  let push = world.find(request.domain, request.app, request.stream);
  if (!push) {
    const host = world.addHost({
      domain: request.domain,
      app: request.app,
      stream: request.stream,
      clientIp: `203.0.113.${world.random.between(1, 254)}`,
      reconnect: 'none',
    });
    if (request.errcode === 18 || request.errcode === 19) {
      world.admit(host, code);
      return world.finished.at(-1) as Push;
    }
    host.start();
    push = host.push;
    // The state of the world, for example a ban, refused the push. That refusal is the break.
    if (!push) return world.finished.at(-1) as Push;
  }
  const endsAfterSilence =
    (code.errcode >= 12 && code.errcode <= 17) || [8, 20].includes(code.errcode);
  if (endsAfterSilence) {
    push.silentFrom = Math.max(push.startedAt, world.now - silenceBeforeBreakMs);
  }
  const isNormalEnd = code.errcode === 1 || code.errcode === 2;
  world.end(push, code, isNormalEnd ? 'ended' : 'broken');
  return push;
}
