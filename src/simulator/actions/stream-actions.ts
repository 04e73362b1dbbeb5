import { ApiError } from '../api-request.ts';
import type { Action } from './action.ts';

const dayMs = 86_400_000;
const names = {
  AppName: { kind: 'string', required: true },
  DomainName: { kind: 'string', required: true },
  StreamName: { kind: 'string', required: true },
} as const;

/** DescribeLiveStreamState: `active`, `inactive` or `forbid`. */
export const describeLiveStreamState: Action = {
  rate: 300,
  params: names,
  run: (params, { world }) => {
    const stream = params.string('StreamName') as string;
    const live = world.find(
      params.string('DomainName') as string,
      params.string('AppName') as string,
      stream,
    );
    const banned = world.bannedUntil(stream) !== undefined;
    return { StreamState: banned ? 'forbid' : live ? 'active' : 'inactive' };
  },
};

/** DropLiveStream: ends a push (21/100). Its host may push again at once. */
export const dropLiveStream: Action = {
  rate: 100,
  params: names,
  run: (params, { world }) => {
    world.drop(
      params.string('DomainName') as string,
      params.string('AppName') as string,
      params.string('StreamName') as string,
    );
    return {};
  },
};

/** ForbidLiveStream: ends a push (21/101) and bans its name for 7 days, or until ResumeTime. */
export const forbidLiveStream: Action = {
  rate: 200,
  params: { ...names, ResumeTime: { kind: 'time' }, Reason: { kind: 'string' } },
  run: (params, { world }) => {
    const until = params.time('ResumeTime') ?? world.now + 7 * dayMs;
    if (until <= world.now || until > world.now + 90 * dayMs) {
      throw new ApiError('InvalidParameterValue', '`ResumeTime` must be within the next 90 days.');
    }
    world.forbid(params.string('StreamName') as string, until);
    return {};
  },
};

/** ResumeLiveStream: lifts a ban. */
export const resumeLiveStream: Action = {
  rate: 100,
  params: names,
  run: (params, { world }) => {
    world.bans.delete(params.string('StreamName') as string);
    return {};
  },
};
