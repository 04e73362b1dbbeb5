import { arrearsStorm } from './arrears-storm.ts';
import { day } from './day.ts';
import { demo } from './demo.ts';
import { empty } from './empty.ts';
import { expiredUrlLoopScenario } from './expired-url-loop.ts';
import { flappingScenario } from './flapping.ts';
import type { Scenario } from './scenario.ts';
import { twoEncodersScenario } from './two-encoders.ts';

/** The scripted days by the name that SIMULATOR_SCENARIO takes. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  demo,
  day,
  'expired-url-loop': expiredUrlLoopScenario,
  'arrears-storm': arrearsStorm,
  flapping: flappingScenario,
  'two-encoders': twoEncodersScenario,
  empty,
};
