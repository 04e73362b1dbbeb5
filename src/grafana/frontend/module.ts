import { DataSourcePlugin } from '@grafana/data';
import { ConfigEditor } from './components/ConfigEditor.tsx';
import { QueryEditor } from './components/QueryEditor.tsx';
import { DataSource } from './DataSource.ts';
import type { BreakwatchOptions, BreakwatchQuery, BreakwatchSecrets } from './types.ts';

/** The plugin that Grafana loads. */
export const plugin = new DataSourcePlugin<
  DataSource,
  BreakwatchQuery,
  BreakwatchOptions,
  BreakwatchSecrets
>(DataSource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor);
