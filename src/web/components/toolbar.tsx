import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { FilterInput, InlineSwitch, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import { type PageView, RANGES } from '../state/page-view.ts';
import { formatOffset, formatRange } from '../words/format.ts';
import type { Strings } from '../words/strings.ts';
import { Select } from './select.tsx';

interface ToolbarProps {
  strings: Strings;
  view: PageView;
  onView: (change: Partial<PageView>) => void;
  /** Names of the accounts; the picker is hidden when there is only one. */
  accounts: readonly string[];
  timeZone: 'browser' | 'utc';
  onTimeZone: (timeZone: 'browser' | 'utc') => void;
}

/** Search, account, time range and time zone. */
export function Toolbar(props: ToolbarProps) {
  const { strings, view, onView, accounts, timeZone, onTimeZone } = props;
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.bar}>
      <div className={styles.search}>
        <FilterInput
          escapeRegex={false}
          value={view.search}
          placeholder={strings.search}
          aria-label={strings.search}
          onChange={(search) => onView({ search })}
        />
      </div>
      {accounts.length > 1 && (
        <Select
          label={strings.account}
          value={view.account}
          options={[
            { value: '', label: strings.allAccounts },
            ...accounts.map((name) => ({ value: name, label: name })),
          ]}
          onChange={(account) => onView({ account })}
        />
      )}
      {/* Without an id the group generates a new one each time it is rendered. */}
      <RadioButtonGroup
        id="range"
        aria-label={strings.timeRange}
        value={view.hours}
        options={RANGES.map((hours) => ({
          value: hours as number,
          label: formatRange(hours, strings.lang),
          ariaLabel: strings.lastHours(hours),
        }))}
        onChange={(hours) => onView({ hours })}
      />
      <RadioButtonGroup
        id="zone"
        aria-label={strings.timeZone}
        value={timeZone}
        options={[
          { value: 'browser', label: strings.localZone(formatOffset('browser', Date.now())) },
          { value: 'utc', label: 'UTC' },
        ]}
        onChange={onTimeZone}
      />
      <InlineSwitch
        id="ended"
        label={strings.showEnded}
        showLabel
        value={view.ended}
        onChange={({ currentTarget }) => onView({ ended: currentTarget.checked })}
      />
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(1),
    alignItems: 'center',
    // The five ranges do not fit on narrow phones.
    '& [role=radiogroup]': { maxWidth: '100%', flexWrap: 'wrap' },
  }),
  search: css({ flex: '1 1 240px' }),
});
