import { nearestName } from '../../model/errors.ts';

/** The parameters that authenticate a push, in the letter case that CSS reads. */
export const PUSH_PARAMS = ['txSecret', 'txTime'] as const;
export type PushParam = (typeof PUSH_PARAMS)[number];

/** What an input method for Chinese or Japanese writes instead of `?`, `&` and `=`. */
export const FULL_WIDTH = /[？＆＝]/u;

/** Whether a name that CSS does not read was probably meant for a parameter. @param name - of letters and few signs */
export function isMeantFor(name: string, wanted: PushParam): boolean {
  const letters = name.toLowerCase().replace(/[^a-z]/g, '');
  return (
    letters === wanted.toLowerCase() || nearestName(letters, [...PUSH_PARAMS, 'bizid']) === wanted
  );
}
