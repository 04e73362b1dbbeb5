import { css } from '@emotion/css';
import {
  applyFieldOverrides,
  dateTime,
  FieldType,
  type GrafanaTheme2,
  toDataFrame,
} from '@grafana/data';
import { AxisPlacement, GraphDrawStyle, LegendDisplayMode, StackingMode } from '@grafana/schema';
import { TimeSeries, useStyles2, useTheme2 } from '@grafana/ui';
import { useEffect, useMemo, useRef, useState } from 'react';
import { CATEGORY_COLOURS } from '../../model/colours.ts';
import type { Category } from '../../model/vocabulary.ts';
import type { ShownBreak } from '../api.ts';
import { countByStep } from '../count-by-step.ts';
import type { Strings } from '../strings.ts';

const HEIGHT = 180;

interface BreakChartProps {
  strings: Strings;
  breaks: readonly ShownBreak[];
  hours: number;
  timeZone: 'browser' | 'utc';
}

/** Breaks over time, stacked by cause. */
export function BreakChart({ strings, breaks, hours, timeZone }: BreakChartProps) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    if (box.current) {
      observer.observe(box.current);
    }
    return () => observer.disconnect();
  }, []);

  const { frames, range } = useMemo(() => {
    const stepMs = (hours * 3_600_000) / 96;
    const to = Math.ceil(Date.now() / stepMs) * stepMs;
    const from = to - hours * 3_600_000;
    const counted = countByStep(breaks, from, to, stepMs);
    return {
      range: {
        from: dateTime(from),
        to: dateTime(to),
        raw: { from: dateTime(from), to: dateTime(to) },
      },
      // Without its overrides a field has no display processor, and axes show "undefined".
      frames: applyFieldOverrides({
        theme,
        timeZone,
        replaceVariables: (text) => text,
        fieldConfig: { defaults: {}, overrides: [] },
        data: [
          toDataFrame({
            fields: [
              { name: 'time', type: FieldType.time, values: counted.times, config: {} },
              ...[...counted.counts].map(([category, values]) => ({
                name: strings.category[category as Category],
                type: FieldType.number,
                values,
                config: {
                  color: { mode: 'fixed', fixedColor: CATEGORY_COLOURS[category as Category] },
                  decimals: 0,
                  custom: {
                    drawStyle: GraphDrawStyle.Bars,
                    fillOpacity: 80,
                    lineWidth: 0,
                    axisPlacement: AxisPlacement.Left,
                    stacking: { mode: StackingMode.Normal, group: 'breaks' },
                  },
                },
              })),
            ],
          }),
        ],
      }),
    };
  }, [breaks, hours, strings, theme, timeZone]);

  const hasBars = (frames[0]?.fields.length ?? 0) > 1;
  return (
    <section className={styles.panel} aria-label={strings.breaksOverTime}>
      <h2 className={styles.title}>{strings.breaksOverTime}</h2>
      <div ref={box} style={{ height: HEIGHT }}>
        {width > 0 && hasBars && (
          <TimeSeries
            frames={frames}
            timeRange={range}
            timeZone={timeZone}
            width={width}
            height={HEIGHT}
            legend={{
              displayMode: LegendDisplayMode.Hidden,
              showLegend: false,
              placement: 'bottom',
              calcs: [],
            }}
          />
        )}
      </div>
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  panel: css({
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(1, 1.5),
  }),
  title: css({ ...theme.typography.h6, margin: 0 }),
});
