import { DataSourcePlugin } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { ConfigEditor } from './components/ConfigEditor.tsx';
import { QueryEditor } from './components/QueryEditor.tsx';
import { DataSource } from './DataSource.ts';
import type { BreakwatchOptions, BreakwatchQuery, BreakwatchSecrets } from './types.ts';

// Grafana has loaded the texts of `locales` in the language of the user.
void initPluginTranslations('breakwatch-css-datasource');

/** The plugin that Grafana loads. */
export const plugin = new DataSourcePlugin<
  DataSource,
  BreakwatchQuery,
  BreakwatchOptions,
  BreakwatchSecrets
>(DataSource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor);
