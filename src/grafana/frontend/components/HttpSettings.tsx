import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { config } from '@grafana/runtime';
import {
  Collapse,
  CustomHeadersSettings,
  Field,
  Input,
  SecretInput,
  SecureSocksProxySettings,
  Stack,
  Switch,
  TLSAuthSettings,
} from '@grafana/ui';
import { useState } from 'react';
import { LABELS } from '../labels.ts';
import type { BreakwatchOptions, BreakwatchSecrets } from '../types.ts';

type Props = DataSourcePluginOptionsEditorProps<BreakwatchOptions, BreakwatchSecrets>;

/** Settings that the editor shows as one switch each. */
const SWITCHES = ['tlsAuthWithCACert', 'tlsAuth', 'tlsSkipVerify'] as const;

/**
 * Edits how the plugin reaches the server over HTTP: time limit, basic auth, certificates, headers and proxy. Grafana's own
 * components edit what they can. Closed at first, unless a setting is in use.
 */
export function HttpSettings({ options, onOptionsChange }: Props) {
  const { jsonData, secureJsonData, secureJsonFields, readOnly } = options;
  const labels = LABELS.config;
  const isUsed =
    jsonData.timeout !== undefined ||
    options.basicAuth ||
    SWITCHES.some((key) => jsonData[key]) ||
    'httpHeaderName1' in jsonData ||
    Boolean(jsonData.enableSecureSocksProxy);
  const [isOpen, setIsOpen] = useState(isUsed);
  const set = (part: Partial<BreakwatchOptions>) =>
    onOptionsChange({ ...options, jsonData: { ...jsonData, ...part } });
  const setPassword = (password: string, isConfigured = secureJsonFields.basicAuthPassword) =>
    onOptionsChange({
      ...options,
      secureJsonFields: { ...secureJsonFields, basicAuthPassword: Boolean(isConfigured) },
      secureJsonData: { ...secureJsonData, basicAuthPassword: password },
    });
  return (
    <Collapse label={labels.http} isOpen={isOpen} onToggle={setIsOpen}>
      <Stack direction="column" gap={1}>
        <Field
          label={labels.timeout.label}
          description={labels.timeout.description}
          disabled={readOnly}
        >
          <Input
            id="config-timeout"
            type="number"
            min={1}
            width={20}
            value={jsonData.timeout ?? ''}
            placeholder="30"
            onChange={(event) => {
              const seconds = event.currentTarget.valueAsNumber;
              set({ timeout: Number.isNaN(seconds) ? undefined : seconds });
            }}
          />
        </Field>
        <Field
          label={labels.basicAuth.label}
          description={labels.basicAuth.description}
          disabled={readOnly}
        >
          <Switch
            id="config-basicAuth"
            value={options.basicAuth}
            onChange={({ currentTarget }) =>
              onOptionsChange({ ...options, basicAuth: currentTarget.checked })
            }
          />
        </Field>
        {options.basicAuth && (
          <>
            <Field label={labels.basicAuthUser.label} disabled={readOnly}>
              <Input
                id="config-basicAuthUser"
                width={40}
                value={options.basicAuthUser}
                onChange={({ currentTarget }) =>
                  onOptionsChange({ ...options, basicAuthUser: currentTarget.value })
                }
              />
            </Field>
            <Field label={labels.basicAuthPassword.label} disabled={readOnly}>
              <SecretInput
                id="config-basicAuthPassword"
                width={40}
                isConfigured={Boolean(secureJsonFields.basicAuthPassword)}
                value={secureJsonData?.basicAuthPassword ?? ''}
                autoComplete="new-password"
                onChange={({ currentTarget }) => setPassword(currentTarget.value)}
                onReset={() => setPassword('', false)}
              />
            </Field>
          </>
        )}
        {SWITCHES.map((key) => (
          <Field
            key={key}
            label={labels[key].label}
            description={labels[key].description}
            disabled={readOnly}
          >
            <Switch
              id={`config-${key}`}
              value={jsonData[key] ?? false}
              onChange={({ currentTarget }) => set({ [key]: currentTarget.checked || undefined })}
            />
          </Field>
        ))}
        {(jsonData.tlsAuth || jsonData.tlsAuthWithCACert) && (
          <TLSAuthSettings dataSourceConfig={options} onChange={onOptionsChange} />
        )}
        {config.secureSocksDSProxyEnabled && (
          <SecureSocksProxySettings options={options} onOptionsChange={onOptionsChange} />
        )}
        <CustomHeadersSettings dataSourceConfig={options} onChange={onOptionsChange} />
      </Stack>
    </Collapse>
  );
}
