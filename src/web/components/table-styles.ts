import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';

/** Styles of small tables. One that is wider than a phone scrolls on its own. */
export const getTableStyles = (theme: GrafanaTheme2) => ({
  wide: css({ overflowX: 'auto' }),
  table: css({
    borderCollapse: 'collapse',
    '& td, & th': {
      border: `1px solid ${theme.colors.border.weak}`,
      padding: theme.spacing(0.5, 1),
      textAlign: 'start',
      verticalAlign: 'top',
      overflowWrap: 'anywhere',
      minWidth: 64,
    },
    '& th': { fontWeight: theme.typography.fontWeightMedium },
  }),
});
