import { css } from '@emotion/css';
import {
  applyFieldOverrides,
  dateTime,
  dateTimeFormat,
  FieldType,
  type GrafanaTheme2,
  toDataFrame,
} from '@grafana/data';
import { AxisPlacement, GraphDrawStyle, LegendDisplayMode, StackingMode } from '@grafana/schema';
import { TimeSeries, useStyles2, useTheme2 } from '@grafana/ui';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { AccountHealth } from '../../model/health.ts';
import { CATEGORY_COLOURS, GAP_COLOUR } from '../../model/vocabulary.ts';
import type { Counted } from '../state/count-breaks.ts';
import { gapsInRange, type ShownGap } from '../state/gaps-in-range.ts';
import { formatOffset } from '../words/format.ts';
import type { Strings } from '../words/strings.ts';

const HEIGHT = 180;
/** Max gaps in words; the chart shades all of them. */
const MAX_NAMED = 3;

interface BreakChartProps {
  strings: Strings;
  counted: Counted;
  /** Epoch ms UTC. */
  from: number;
  to: number;
  /** Accounts with their gaps in collection. */
  accounts: readonly AccountHealth[];
  timeZone: 'browser' | 'utc';
}

/** Breaks over time, stacked by category. Times without data are shaded and listed below. */
export function BreakChart(props: BreakChartProps) {
  const { strings, counted, from, to, accounts, timeZone } = props;
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

  const shaded = useRef<readonly ShownGap[]>([]);
  const hooked = useRef(new WeakSet<object>());
  const { frames, range } = useMemo(() => {
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
                name: strings.category[category],
                type: FieldType.number,
                values,
                config: {
                  color: { mode: 'fixed', fixedColor: CATEGORY_COLOURS[category] },
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
  }, [counted, from, to, strings, theme, timeZone]);

  const gaps = gapsInRange(accounts, { from, to }, Date.now());
  shaded.current = gaps;
  const clock = (at: number) => dateTimeFormat(at, { timeZone, format: 'MM-DD HH:mm' });
  const hasBars = (frames[0]?.fields.length ?? 0) > 1;
  return (
    <section className={styles.panel} aria-label={strings.breaksByCategory}>
      <h2 className={styles.title}>
        {strings.breaksByCategory}{' '}
        <span className={styles.zone}>({formatOffset(timeZone, to)})</span>
      </h2>
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
          >
            {(builder) => {
              // Called at each drawing, often with the same builder.
              if (!hooked.current.has(builder)) {
                hooked.current.add(builder);
                builder.addHook('drawClear', (plot) => {
                  const { ctx, bbox } = plot;
                  ctx.save();
                  ctx.fillStyle = `${GAP_COLOUR}55`;
                  for (const gap of shaded.current) {
                    const left = Math.max(bbox.left, plot.valToPos(gap.from, 'x', true));
                    const right = Math.min(
                      bbox.left + bbox.width,
                      plot.valToPos(gap.to, 'x', true),
                    );
                    ctx.fillRect(left, bbox.top, Math.max(1, right - left), bbox.height);
                  }
                  ctx.restore();
                });
              }
              return null;
            }}
          </TimeSeries>
        )}
      </div>
      {gaps.slice(-MAX_NAMED).map((gap) => (
        <p key={`${gap.account} ${gap.from}`} className={styles.gap}>
          {strings.gap(gap.account, clock(gap.from), clock(gap.to))}
        </p>
      ))}
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
  zone: css({ fontWeight: 400, color: theme.colors.text.secondary }),
  gap: css({
    margin: 0,
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
