import { busy } from './busy.ts';
import { day } from './day.ts';
import { demo } from './demo.ts';
import {
  arrearsStorm,
  empty,
  expiredUrlLoopScenario,
  flappingScenario,
  twoEncodersScenario,
} from './short-scenarios.ts';
import type { Scenario } from './stories.ts';

/** The scenarios by name, as SIMULATOR_SCENARIO sets it. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  demo,
  busy,
  day,
  'expired-url-loop': expiredUrlLoopScenario,
  'arrears-storm': arrearsStorm,
  flapping: flappingScenario,
  'two-encoders': twoEncodersScenario,
  empty,
};
