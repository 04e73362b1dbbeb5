/**
 * Measures the delay of the event loop of this thread, and of an idle thread of the same process.
 *
 * @module
 */
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

type Histogram = ReturnType<typeof monitorEventLoopDelay>;

function start(): Histogram {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  return histogram;
}

const p99 = (histogram: Histogram) => Math.round(histogram.percentile(99) / 10_000) / 100;

/** Starts to measure. Call the result for the 99th percentiles, ms. */
export function measureDelay(): () => Promise<{ main: number; control: number; rssMb: number }> {
  const control = new Worker(new URL(import.meta.url), { execArgv: [] });
  const histogram = start();
  return async () => {
    control.postMessage('report');
    const [delay] = (await once(control, 'message')) as [number];
    await control.terminate();
    histogram.disable();
    const rssMb = Math.round(process.memoryUsage.rss() / 1024 / 1024);
    return { main: p99(histogram), control: delay, rssMb };
  };
}

if (!isMainThread) {
  const histogram = start();
  parentPort?.on('message', () => parentPort?.postMessage(p99(histogram)));
}
