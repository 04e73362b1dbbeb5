import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { CATEGORIES, CATEGORY_COLOURS, type Category } from '../../model/vocabulary.ts';
import type { Counted } from '../state/count-breaks.ts';
import { formatCount } from '../words/format.ts';
import type { Strings } from '../words/strings.ts';

interface CategoryTilesProps {
  strings: Strings;
  /** Null until the first answer; unknown is not zero. */
  counted: Counted | null;
  /** The counts are not complete. */
  isPart: boolean;
  chosen: readonly Category[];
  onToggle: (category: Category) => void;
}

/** Number of breaks in each category. A tile is also the filter for its category. */
export function CategoryTiles(props: CategoryTilesProps) {
  const { strings, counted, isPart, chosen, onToggle } = props;
  const styles = useStyles2(getStyles);
  return (
    <fieldset className={styles.tiles} aria-label={strings.categories} data-testid="categories">
      {CATEGORIES.map((category) => {
        const count = (counted?.counts.get(category) ?? []).reduce((sum, step) => sum + step, 0);
        return (
          <button
            key={category}
            type="button"
            aria-pressed={chosen.includes(category)}
            data-category={category}
            data-count={count}
            className={cx(styles.tile, {
              [styles.none]: count === 0,
              [styles.chosen]: chosen.includes(category),
            })}
            style={{ borderLeftColor: CATEGORY_COLOURS[category] }}
            onClick={() => onToggle(category)}
          >
            <span className={styles.count}>
              {counted === null ? '…' : formatCount(count, strings.lang)}
              {isPart && count > 0 ? '+' : ''}
            </span>
            <span className={styles.name}>{strings.category[category]}</span>
          </button>
        );
      })}
    </fieldset>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  tiles: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(110px, 1fr))',
    gap: theme.spacing(1),
    [theme.breakpoints.down('lg')]: { gridTemplateColumns: 'repeat(4, minmax(0, 1fr))' },
  }),
  tile: css({
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'flex-start',
    textAlign: 'left',
    minWidth: 0,
    overflow: 'hidden',
    padding: theme.spacing(1, 1.5),
    background: theme.colors.background.primary,
    color: theme.colors.text.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderLeft: '4px solid',
    borderRadius: theme.shape.radius.default,
    cursor: 'pointer',
    '&:hover': { background: theme.colors.emphasize(theme.colors.background.primary, 0.03) },
    [theme.breakpoints.down('sm')]: {
      padding: theme.spacing(0.5, 0.75),
      fontSize: theme.typography.bodySmall.fontSize,
    },
  }),
  name: css({ maxWidth: '100%', overflowWrap: 'anywhere' }),
  none: css({ color: theme.colors.text.secondary }),
  chosen: css({ outline: `2px solid ${theme.colors.primary.main}` }),
  count: css({
    fontSize: theme.typography.h3.fontSize,
    fontWeight: 500,
    lineHeight: 1.2,
    [theme.breakpoints.down('sm')]: { fontSize: theme.typography.h5.fontSize },
  }),
});
