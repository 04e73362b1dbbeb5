import * as emotionCss from '@emotion/css';
import * as grafanaData from '@grafana/data';
import {
  createTheme,
  type DataSourceInstanceSettings,
  type DataSourcePlugin,
  type DataSourceSettings,
  dateTime,
  ThemeContext,
} from '@grafana/data';
import * as grafanaRuntime from '@grafana/runtime';
import { type BackendSrv, type BackendSrvRequest, setBackendSrv } from '@grafana/runtime';
import * as grafanaUi from '@grafana/ui';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import i18next from 'i18next';
import * as react from 'react';
import { type ComponentType, useState } from 'react';
import * as jsxRuntime from 'react/jsx-runtime';
import * as reactDom from 'react-dom';
import { createRoot } from 'react-dom/client';
import * as rxjs from 'rxjs';
import * as rxjsOperators from 'rxjs/operators';

declare const System: {
  set(id: string, module: unknown): void;
  addImportMap(map: { imports: Record<string, string> }): void;
  import(id: string): Promise<{ plugin: DataSourcePlugin<never> }>;
};

declare global {
  interface Window {
    /** Each value that an editor gave to its `onChange`, in order. */
    changes: unknown[];
    /** How often the query editor asked for a run. */
    runs: number;
    mount(editor: 'query' | 'config', value: object, props?: object): Promise<void>;
  }
}

/** What Grafana lays into SystemJS for plugins, as far as a data source may need it. */
const SHARED: Record<string, unknown> = {
  '@emotion/css': emotionCss,
  '@grafana/data': grafanaData,
  '@grafana/runtime': grafanaRuntime,
  '@grafana/ui': grafanaUi,
  i18next,
  react,
  'react-dom': reactDom,
  'react/jsx-runtime': jsxRuntime,
  rxjs,
  'rxjs/operators': rxjsOperators,
};

for (const [name, module] of Object.entries(SHARED)) {
  System.set(`shared:${name}`, module);
}
System.addImportMap({
  imports: Object.fromEntries(Object.keys(SHARED).map((name) => [name, `shared:${name}`])),
});

// Grafana loads the texts of a plugin in the language of the user before the plugin.
const language = new URLSearchParams(location.search).get('language') ?? 'en-US';
await i18next.init({ lng: language, resources: {} });
i18next.addResourceBundle(
  language,
  'breakwatch-css-datasource',
  await (await fetch(`/locales/${language}/breakwatch-css-datasource.json`)).json(),
);

// Resource calls of the data source go to the page's own server, as they go to Grafana's.
setBackendSrv({
  fetch: ({ url, params }: BackendSrvRequest) =>
    rxjs.from(
      fetch(`/${url.replace(/^\//, '')}?${new URLSearchParams(params)}`).then(async (answer) => ({
        data: await answer.json(),
      })),
    ),
} as unknown as BackendSrv);

window.changes = [];
window.runs = 0;

const root = createRoot(document.getElementById('root') as HTMLElement);

/** Keeps what an editor changes, as Grafana does, so that its next render shows it. */
function Owner(props: {
  Editor: ComponentType<Record<string, unknown>>;
  value: object;
  prop: string;
  handler: string;
  others: object;
}) {
  const [value, setValue] = useState(props.value);
  const { Editor } = props;
  return (
    <ThemeContext.Provider value={createTheme({ colors: { mode: 'dark' } })}>
      <GlobalStyles />
      <Editor
        {...{ [props.prop]: value }}
        {...{
          [props.handler]: (next: object) => {
            window.changes.push(next);
            setValue(next);
          },
        }}
        {...props.others}
      />
      <PortalContainer />
    </ThemeContext.Provider>
  );
}

window.mount = async (editor, value, props = {}) => {
  const { plugin } = await System.import('/plugin/module.js');
  window.changes = [];
  window.runs = 0;
  const key = String(Math.random());
  if (editor === 'config') {
    const options = value as DataSourceSettings;
    root.render(
      <Owner
        key={key}
        Editor={plugin.components.ConfigEditor as never}
        prop="options"
        handler="onOptionsChange"
        value={options}
        others={props}
      />,
    );
    return;
  }
  const settings = { id: 1, uid: 'breakwatch', type: 'breakwatch-css-datasource', name: 'b' };
  const datasource = new plugin.DataSourceClass({
    ...settings,
    jsonData: {},
    meta: {},
  } as unknown as DataSourceInstanceSettings as never);
  const to = dateTime();
  const from = dateTime(to).subtract(1, 'hour');
  root.render(
    <Owner
      key={key}
      Editor={plugin.components.QueryEditor as never}
      prop="query"
      handler="onChange"
      value={value}
      others={{
        datasource,
        range: { from, to, raw: { from, to } },
        onRunQuery: () => {
          window.runs += 1;
        },
        ...props,
      }}
    />,
  );
};
