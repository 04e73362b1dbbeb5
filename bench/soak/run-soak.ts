import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVER_ENV, SERVER_FLAGS } from '../ingest/server-flags.ts';

/** What the engine under test reports once a minute of its own clock. */
export interface SoakSample {
  /** Hours of the engine's clock since the first callback. */
  hours: number;
  callbacks: number;
  rssMb: number;
  /** Turns of the incident thread since the sample before, ms. */
  turnsMs: number[];
  /** Foldings after these turns, ms. */
  foldsMs: number[];
  held: { breaks: number; pushes: number; streams: number; incidents: number };
  rereads: number;
}

/** How long the engine runs. */
export interface SoakPlan {
  /** Hours of the engine's clock. */
  hours: number;
  /** How many times faster than the real clock. */
  speed: number;
  /** The run ends after this real time, s. */
  maxSeconds: number;
}

/**
 * Runs the engine for hours of its own clock. The first sample is the idle engine.
 *
 * @param onSample - called with each sample
 */
export async function runSoak(
  { hours, speed, maxSeconds }: SoakPlan,
  onSample: (sample: SoakSample) => void,
): Promise<SoakSample[]> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-soak-'));
  const server = fork(
    join(import.meta.dirname, 'server.ts'),
    [folder, `${hours}`, `${speed}`, `${maxSeconds}`],
    {
      execArgv: [...SERVER_FLAGS],
      env: SERVER_ENV,
    },
  );
  const samples: SoakSample[] = [];
  server.on('message', (sample: SoakSample) => {
    samples.push(sample);
    onSample(sample);
  });
  try {
    const [code] = await once(server, 'exit');
    if (code !== 0) {
      throw new Error(`The engine under test ended with code ${code}.`);
    }
    return samples;
  } finally {
    server.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}
