import { useTheme2 } from '@grafana/ui';
import { sparkPoints } from './spark-points.ts';

const WIDTH = 160;
const HEIGHT = 24;

interface SparkLineProps {
  samples: readonly { at: number; value: number | null }[];
  /** Right edge, epoch ms UTC. */
  end: number;
  label: string;
}

/** A small line chart of one measure. An empty part at its end means that no data arrived. */
export function SparkLine({ samples, end, label }: SparkLineProps) {
  const { colors } = useTheme2();
  return (
    <svg
      role="img"
      aria-label={label}
      width={WIDTH}
      height={HEIGHT + 2}
      viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`}
    >
      <line x1={WIDTH} x2={WIDTH} y1={0} y2={HEIGHT} stroke={colors.error.main} strokeWidth={2} />
      {sparkPoints(samples, end, WIDTH, HEIGHT).map((points) => (
        <polyline
          key={points}
          points={points}
          fill="none"
          stroke={colors.primary.text}
          strokeWidth={1.5}
        />
      ))}
    </svg>
  );
}
