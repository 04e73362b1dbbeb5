import { Badge } from '@grafana/ui';
import { formatSpan } from '../../model/time.ts';
import type { Strings } from '../words/strings.ts';
import { Elapsed } from './elapsed.tsx';

interface RecoveryBadgeProps {
  /** Epoch ms UTC. */
  since: number;
  /** When it was back, epoch ms UTC; null while it is down. */
  until: number | null;
  strings: Strings;
}

/** Since when something is down, or after what time it was back. */
export function RecoveryBadge({ since, until, strings }: RecoveryBadgeProps) {
  return until === null ? (
    <Badge
      color="red"
      icon="times"
      text={<Elapsed since={since} strings={strings} words={strings.stillDown} />}
    />
  ) : (
    <Badge
      color="green"
      icon="check"
      text={strings.recoveredAfter(formatSpan(until - since, strings.lang))}
    />
  );
}
