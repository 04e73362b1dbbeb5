import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { FilterInput, InlineSwitch, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import type { PageFilters } from '../filter-breaks.ts';
import type { Strings } from '../strings.ts';

const HOURS = [1, 6, 24];

interface ToolbarProps {
  strings: Strings;
  filters: PageFilters;
  onFilters: (filters: PageFilters) => void;
  hours: number;
  onHours: (hours: number) => void;
  timeZone: 'browser' | 'utc';
  onTimeZone: (timeZone: 'browser' | 'utc') => void;
}

/** Search, time range and time zone. */
export function Toolbar({
  strings,
  filters,
  onFilters,
  hours,
  onHours,
  timeZone,
  onTimeZone,
}: ToolbarProps) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.bar}>
      <div className={styles.search}>
        <FilterInput
          escapeRegex={false}
          value={filters.search}
          placeholder={strings.search}
          aria-label={strings.search}
          onChange={(search) => onFilters({ ...filters, search })}
        />
      </div>
      <RadioButtonGroup
        value={hours}
        options={HOURS.map((value) => ({ value, label: strings.lastHours(value) }))}
        onChange={onHours}
      />
      <RadioButtonGroup
        aria-label={strings.timeZone}
        value={timeZone}
        options={[
          { value: 'browser', label: strings.local },
          { value: 'utc', label: 'UTC' },
        ]}
        onChange={onTimeZone}
      />
      <InlineSwitch
        label={strings.showEnded}
        showLabel
        value={filters.ended}
        onChange={(event) => onFilters({ ...filters, ended: event.currentTarget.checked })}
      />
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), alignItems: 'center' }),
  search: css({ flex: '1 1 240px' }),
});
