import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';

/** What cards of breaks and of incidents, and the details below them, have in common. */
export const getCardStyles = (theme: GrafanaTheme2) => ({
  line: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    columnGap: theme.spacing(1.5),
    rowGap: theme.spacing(0.5),
  }),
  badges: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    marginLeft: 'auto',
    [theme.breakpoints.down('sm')]: { marginLeft: 0 },
  }),
  category: css({
    border: '1px solid',
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(0, 0.75),
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  cause: css({ margin: theme.spacing(0.75, 0, 0.5), fontWeight: 500 }),
  fix: css({ margin: theme.spacing(0, 0, 0.5) }),
  doNow: css({
    textTransform: 'uppercase',
    fontSize: theme.typography.bodySmall.fontSize,
    fontWeight: 500,
    color: theme.colors.success.text,
    marginRight: theme.spacing(0.5),
  }),
  dim: css({
    margin: 0,
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    overflowWrap: 'anywhere',
  }),
  grid: css({
    margin: theme.spacing(1, 0, 0),
    paddingTop: theme.spacing(1),
    borderTop: `1px solid ${theme.colors.border.weak}`,
  }),
  row: css({
    display: 'grid',
    gridTemplateColumns: '140px 1fr',
    gap: theme.spacing(1),
    padding: theme.spacing(0.25, 0),
    [theme.breakpoints.down('sm')]: { gridTemplateColumns: '1fr', gap: 0 },
  }),
  value: css({ margin: 0, overflowWrap: 'anywhere' }),
});
