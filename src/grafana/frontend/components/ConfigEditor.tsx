import { css } from '@emotion/css';
import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { Field, Input, RadioButtonGroup, SecretInput } from '@grafana/ui';
import { LABELS } from '../labels.ts';
import type { BreakwatchOptions, BreakwatchSecrets } from '../types.ts';
import { HttpSettings } from './HttpSettings.tsx';

const WIDTH = 60;
/** For narrow screens: the width above is fixed. */
const fits = css({ maxWidth: '100%' });

type Props = DataSourcePluginOptionsEditorProps<BreakwatchOptions, BreakwatchSecrets>;

/**
 * Edits the settings of a data source: its mode, and how to reach Breakwatch or the CSS API. All fields
 * are disabled when the data source was provisioned as not editable.
 */
export function ConfigEditor({ options, onOptionsChange }: Props) {
  const { jsonData, secureJsonData, secureJsonFields, readOnly: disabled } = options;
  const mode = jsonData.mode ?? 'remote';
  const labels = LABELS.config;
  const set = (part: Partial<BreakwatchOptions>) =>
    onOptionsChange({ ...options, jsonData: { ...jsonData, mode, ...part } });
  const text = (
    key: 'url' | 'secretId' | 'accountName' | 'endpoint' | 'dataFolder' | 'directory',
    hint = '',
  ) => (
    <Field label={labels[key].label} description={labels[key].description} disabled={disabled}>
      <Input
        id={`config-${key}`}
        width={WIDTH}
        className={fits}
        value={jsonData[key] ?? ''}
        placeholder={hint}
        onChange={(event) => set({ [key]: event.currentTarget.value })}
      />
    </Field>
  );
  const days = (key: 'backfillDays' | 'keepDays', hint: string, max?: number) => (
    <Field label={labels[key].label} description={labels[key].description} disabled={disabled}>
      <Input
        id={`config-${key}`}
        type="number"
        min={0}
        max={max}
        width={WIDTH}
        className={fits}
        value={jsonData[key] ?? ''}
        placeholder={hint}
        onChange={(event) => {
          const count = event.currentTarget.valueAsNumber;
          set({ [key]: Number.isNaN(count) ? undefined : count });
        }}
      />
    </Field>
  );
  const secret = (key: 'token' | 'secretKey') => (
    <Field label={labels[key].label} description={labels[key].description} disabled={disabled}>
      <SecretInput
        id={`config-${key}`}
        width={WIDTH}
        isConfigured={Boolean(secureJsonFields[key])}
        value={secureJsonData?.[key] ?? ''}
        autoComplete="new-password"
        onChange={(event) =>
          onOptionsChange({
            ...options,
            secureJsonData: { ...secureJsonData, [key]: event.currentTarget.value },
          })
        }
        onReset={() =>
          onOptionsChange({
            ...options,
            secureJsonFields: { ...secureJsonFields, [key]: false },
            secureJsonData: { ...secureJsonData, [key]: '' },
          })
        }
      />
    </Field>
  );
  return (
    <>
      <Field label={labels.mode.label} disabled={disabled}>
        <RadioButtonGroup
          id="config-mode"
          value={mode}
          options={[
            {
              value: 'remote' as const,
              label: labels.mode.remote,
              description: labels.mode.remoteDescription,
            },
            {
              value: 'embedded' as const,
              label: labels.mode.embedded,
              description: labels.mode.embeddedDescription,
            },
          ]}
          onChange={(value) => set({ mode: value })}
        />
      </Field>
      {mode === 'remote' ? (
        <>
          {text('url', 'http://127.0.0.1:7070')}
          {secret('token')}
          <HttpSettings options={options} onOptionsChange={onOptionsChange} />
        </>
      ) : (
        <>
          {text('secretId')}
          {secret('secretKey')}
          <Field label={labels.site.label} disabled={disabled}>
            <RadioButtonGroup
              id="config-site"
              value={jsonData.site ?? 'cn'}
              options={[
                { value: 'cn' as const, label: labels.site.cn },
                { value: 'intl' as const, label: labels.site.intl },
              ]}
              onChange={(site) => set({ site })}
            />
          </Field>
          {text('accountName', 'default')}
          {days('backfillDays', '1', 60)}
          {days('keepDays', '400')}
          {text('dataFolder')}
          {text('directory', '/etc/breakwatch/directory.csv')}
          {text('endpoint')}
        </>
      )}
    </>
  );
}
