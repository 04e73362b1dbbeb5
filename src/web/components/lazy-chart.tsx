import { lazy, Suspense } from 'react';
import type { BreakChart } from './break-chart.tsx';

const Chart = lazy(() =>
  import('./break-chart.tsx').then((module) => ({ default: module.BreakChart })),
);

/** The chart, fetched after what the on-call needs first: drawing takes a third of the page's bytes. */
export function LazyChart(props: Parameters<typeof BreakChart>[0]) {
  return (
    <Suspense fallback={<div style={{ minHeight: 220 }} />}>
      <Chart {...props} />
    </Suspense>
  );
}
