import { ApiError } from '../api-error.ts';
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
    const stream = params.text('StreamName') as string;
    const live = world.find(
      params.text('DomainName') as string,
      params.text('AppName') as string,
      stream,
    );
    const banned = world.bannedUntil(stream) !== undefined;
    return { StreamState: banned ? 'forbid' : live ? 'active' : 'inactive' };
  },
};

/** DropLiveStream: cuts a push (21/100); its host may push again at once. */
export const dropLiveStream: Action = {
  rate: 100,
  params: names,
  run: (params, { world }) => {
    world.drop(
      params.text('DomainName') as string,
      params.text('AppName') as string,
      params.text('StreamName') as string,
    );
    return {};
  },
};

/** ForbidLiveStream: cuts a push (21/101) and bans its name for 7 days, or until ResumeTime. */
export const forbidLiveStream: Action = {
  rate: 200,
  params: { ...names, ResumeTime: { kind: 'time' }, Reason: { kind: 'string' } },
  run: (params, { world }) => {
    const until = params.time('ResumeTime') ?? world.now + 7 * dayMs;
    if (until <= world.now || until > world.now + 90 * dayMs) {
      throw new ApiError(
        'InvalidParameterValue',
        '`ResumeTime` must lie in the future, at most 90 days ahead.',
      );
    }
    world.forbid(params.text('StreamName') as string, until);
    return {};
  },
};

/** ResumeLiveStream: lifts a ban. */
export const resumeLiveStream: Action = {
  rate: 100,
  params: names,
  run: (params, { world }) => {
    world.bans.delete(params.text('StreamName') as string);
    return {};
  },
};
