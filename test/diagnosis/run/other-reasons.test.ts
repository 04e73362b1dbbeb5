import { expect, it } from 'vitest';
import { otherReasons } from '../../../src/diagnosis/run/other-reasons.ts';

const ALL = ['auth_check_failed', 'expiry_passed', 'arrears'];

it.each([
  [{}, ALL],
  [{ txSecretMatches: 'keyUnknown' }, ALL],
  [{ txSecretMatches: 'yes' }, ['expiry_passed', 'arrears']],
  [{ txSecretMatches: 'yes', secondsPastExpiry: -60 }, ['arrears']],
  [{ txSecretMatches: 'no', secondsPastExpiry: -60 }, ['arrears']],
  // Either is enough for a refusal, and the cause names the expiry.
  [{ txSecretMatches: 'no', secondsPastExpiry: 60 }, ['auth_check_failed', 'arrears']],
  [{ secondsPastExpiry: 0 }, ['auth_check_failed', 'arrears']],
])('removes what the push URL settles: %j', (facts, left) => {
  expect(otherReasons(ALL, facts)).toEqual(left);
});
