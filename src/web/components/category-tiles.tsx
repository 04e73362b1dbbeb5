import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { CATEGORY_COLOURS } from '../../model/colours.ts';
import { CATEGORIES, type Category } from '../../model/vocabulary.ts';
import type { ShownBreak } from '../api.ts';
import type { Strings } from '../strings.ts';

interface CategoryTilesProps {
  strings: Strings;
  breaks: readonly ShownBreak[];
  chosen: readonly Category[];
  onToggle: (category: Category) => void;
}

/** How many breaks of each cause; a tile is also the filter for its cause. */
export function CategoryTiles({ strings, breaks, chosen, onToggle }: CategoryTilesProps) {
  const styles = useStyles2(getStyles);
  const counts = new Map<Category, number>();
  for (const { diagnosis } of breaks) {
    counts.set(diagnosis.category, (counts.get(diagnosis.category) ?? 0) + 1);
  }
  return (
    <fieldset className={styles.tiles} aria-label={strings.allCategories} data-testid="categories">
      {CATEGORIES.map((category) => {
        const count = counts.get(category) ?? 0;
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
            <span className={styles.count}>{count}</span>
            <span>{strings.category[category]}</span>
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
    [theme.breakpoints.down('sm')]: { gridTemplateColumns: 'repeat(4, 1fr)' },
  }),
  tile: css({
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'flex-start',
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
  none: css({ color: theme.colors.text.disabled }),
  chosen: css({ outline: `2px solid ${theme.colors.primary.main}` }),
  count: css({ fontSize: theme.typography.h3.fontSize, fontWeight: 500, lineHeight: 1.2 }),
});
