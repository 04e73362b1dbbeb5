import { useSetting } from './use-setting.ts';

/** The zone of shown times. */
export type TimeZone = 'browser' | 'utc';

const isTimeZone = (value: string): value is TimeZone => value === 'browser' || value === 'utc';

/** The zone that the reader chose on the first page, which every page uses. */
export function useTimeZone(): [TimeZone, (zone: TimeZone) => void] {
  return useSetting<TimeZone>('zone', 'browser', isTimeZone);
}
