import { CoreApp, type QueryEditorProps } from '@grafana/data';
import {
  Combobox,
  InlineField,
  InlineFieldRow,
  InlineLabel,
  Input,
  MultiCombobox,
  RadioButtonGroup,
  Stack,
  Text,
} from '@grafana/ui';
import { useEffect, useId, useRef, useState } from 'react';
import { INCIDENT_STATES, STREAM_STATES } from '../../../model/incident.ts';
import {
  ALERT_VALUES,
  QUALITY_VIEWS,
  QUERY_TYPES,
  type QueryType,
  SERIES_GROUP_BY,
  SERIES_MEASURES,
  STREAM_HISTORIES,
} from '../../../model/query.ts';
import { ALERT_STATES, LANGUAGES } from '../../../model/vocabulary.ts';
import type { DataSource } from '../DataSource.ts';
import { LABELS } from '../labels.ts';
import type { BreakwatchOptions, BreakwatchQuery } from '../types.ts';
import { FilterRows } from './FilterRows.tsx';

const LABEL_WIDTH = 16;

/** All query types in the order in which they are offered. */
const TYPE_GROUPS = [
  QUERY_TYPES.slice(0, 3),
  QUERY_TYPES.slice(3, 6),
  QUERY_TYPES.slice(6),
] as const;
/** The query types that an alert rule can evaluate. */
const ALERT_TYPES: readonly QueryType[] = ['alerts', 'series'];

/** How breaks can be shown. */
const VIEWS = ['table', 'logs'] as const;

/** What annotations can show. */
const SHOWN = ['incidents', 'breaks', 'gaps'] as const;

/** What a streams query can show. */
const STREAM_SHOWN = ['now', ...STREAM_HISTORIES] as const;

type AnyState = NonNullable<BreakwatchQuery['state']>[number];
type Props = QueryEditorProps<DataSource, BreakwatchQuery, BreakwatchOptions>;

/** Edits one query. Selections run the query at once; typed text runs it when the field loses focus. */
export function QueryEditor({ query, onChange, onRunQuery, datasource, range, app }: Props) {
  const id = useId();
  const isAlertRule = app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting;
  const queryType: QueryType = query.queryType ?? datasource.getDefaultQuery(app).queryType;
  // Grafana's pickers report one selection several times, also before the new query arrives as a prop.
  // Without this check each report would run a query.
  const latest = useRef(query);
  latest.current = query;
  const change = (part: Partial<BreakwatchQuery>) => {
    const next = { ...latest.current, queryType, ...part };
    if (JSON.stringify(next) !== JSON.stringify(latest.current)) {
      latest.current = next;
      onChange(next);
      onRunQuery();
    }
  };
  // Grafana runs what is stored, not what the editor shows, so a new query must get its defaults.
  useEffect(() => {
    if (latest.current.queryType === undefined) {
      const defaults = datasource.getDefaultQuery(app);
      const next = { ...defaults, ...latest.current, queryType: defaults.queryType };
      latest.current = next;
      onChange(next);
    }
  }, [app, datasource, onChange]);
  const { options: types } = LABELS.queryType;
  // Several short groups, because one long group does not wrap.
  const offered = TYPE_GROUPS.map((group) =>
    group.filter((value) => !isAlertRule || value === queryType || ALERT_TYPES.includes(value)),
  ).filter((group) => group.length > 0);
  return (
    <Stack direction="column" gap={0.5}>
      <InlineField label={LABELS.queryType.label} labelWidth={LABEL_WIDTH} grow shrink>
        <div>
          <Stack direction="row" wrap="wrap" gap={0.5}>
            {offered.map((group) => (
              <RadioButtonGroup
                key={group[0]}
                value={queryType}
                options={group.map((value) => ({ value, ...types[value] }))}
                onChange={(value) => change({ queryType: value })}
              />
            ))}
          </Stack>
        </div>
      </InlineField>
      {queryType === 'lookup' && (
        <InlineField label={LABELS.text.label} labelWidth={LABEL_WIDTH} grow>
          <TypedInput
            id={`${id}-text`}
            value={query.text ?? ''}
            placeholder={LABELS.text.placeholder}
            onCommit={(text) => change({ text })}
          />
        </InlineField>
      )}
      {queryType === 'breaks' && (
        <InlineField label={LABELS.view.label} labelWidth={LABEL_WIDTH}>
          <RadioButtonGroup
            value={query.logs ? 'logs' : 'table'}
            options={VIEWS.map((value) => ({ value, label: LABELS.view.options[value] }))}
            onChange={(view) => change({ logs: view === 'logs' || undefined })}
          />
        </InlineField>
      )}
      {queryType === 'series' && (
        <>
          <InlineField label={LABELS.measure.label} labelWidth={LABEL_WIDTH}>
            <RadioButtonGroup
              value={query.measure ?? 'count'}
              options={SERIES_MEASURES.map((value) => ({
                value,
                ...LABELS.measure.options[value],
              }))}
              onChange={(measure) => change({ measure })}
            />
          </InlineField>
          <InlineField
            label={
              <InlineLabel id={`${id}-group-by`} width={LABEL_WIDTH}>
                {LABELS.groupBy.label}
              </InlineLabel>
            }
            grow
          >
            <MultiCombobox
              aria-labelledby={`${id}-group-by`}
              placeholder={LABELS.groupBy.placeholder}
              value={query.groupBy ?? []}
              options={SERIES_GROUP_BY.map((value) => ({
                value,
                label:
                  value === 'clientNetwork'
                    ? LABELS.groupBy.clientNetwork
                    : LABELS.filters.names[value],
              }))}
              onChange={(chosen) => change({ groupBy: chosen.map(({ value }) => value) })}
            />
          </InlineField>
        </>
      )}
      {queryType === 'alerts' && (
        <InlineField
          label={LABELS.value.label}
          labelWidth={LABEL_WIDTH}
          tooltip={LABELS.value.tooltip}
        >
          <Combobox
            id={`${id}-value`}
            width={24}
            isClearable
            placeholder={isAlertRule ? LABELS.value.options.state.label : LABELS.value.placeholder}
            value={query.value ?? null}
            options={ALERT_VALUES.map((value) => ({ value, ...LABELS.value.options[value] }))}
            onChange={(chosen) => change({ value: chosen?.value })}
          />
        </InlineField>
      )}
      {queryType === 'streams' && (
        <InlineField label={LABELS.history.label} labelWidth={LABEL_WIDTH}>
          <RadioButtonGroup
            value={query.history ?? 'now'}
            options={STREAM_SHOWN.map((value) => ({ value, ...LABELS.history.options[value] }))}
            onChange={(chosen) =>
              change({ history: STREAM_HISTORIES.find((history) => history === chosen) })
            }
          />
        </InlineField>
      )}
      {queryType === 'quality' && (
        <InlineField label={LABELS.quality.label} labelWidth={LABEL_WIDTH}>
          <RadioButtonGroup
            value={query.show ?? 'total'}
            options={QUALITY_VIEWS.map((value) => ({ value, ...LABELS.quality.options[value] }))}
            onChange={(show) => change({ show })}
          />
        </InlineField>
      )}
      {queryType === 'annotations' && (
        <InlineField label={LABELS.show.label} labelWidth={LABEL_WIDTH}>
          <RadioButtonGroup
            value={query.gaps ? 'gaps' : query.breaks ? 'breaks' : 'incidents'}
            options={SHOWN.map((value) => ({ value, ...LABELS.show.options[value] }))}
            onChange={(shown) =>
              change({
                breaks: shown === 'breaks' || undefined,
                gaps: shown === 'gaps' || undefined,
              })
            }
          />
        </InlineField>
      )}
      {isStateful(queryType) && (
        <InlineField
          label={
            <InlineLabel id={`${id}-state`} width={LABEL_WIDTH}>
              {LABELS.state.label}
            </InlineLabel>
          }
        >
          <MultiCombobox
            aria-labelledby={`${id}-state`}
            width={40}
            placeholder={LABELS.state.placeholder}
            value={(query.state ?? []).filter((state) => statesOf(queryType).includes(state))}
            options={statesOf(queryType).map((value) => ({
              value,
              label: LABELS.state.options[value],
            }))}
            onChange={(chosen) => change({ state: chosen.map(({ value }) => value) })}
          />
        </InlineField>
      )}
      {queryType !== 'lookup' && (
        <FilterRows
          filters={query.filters ?? {}}
          labelWidth={LABEL_WIDTH}
          loadValues={(name, typed) => datasource.filterValues(name, range, typed)}
          onChange={(filters) => change({ filters })}
        />
      )}
      <InlineFieldRow>
        {queryType !== 'lookup' && (
          <InlineField
            label={LABELS.limit.label}
            labelWidth={LABEL_WIDTH}
            tooltip={LABELS.limit.tooltip[queryType]}
          >
            <TypedInput
              id={`${id}-limit`}
              type="number"
              width={16}
              value={query.limit === undefined ? '' : String(query.limit)}
              onCommit={(text) => change({ limit: limitOf(text) })}
            />
          </InlineField>
        )}
        <InlineField label={LABELS.language.label} labelWidth={LABEL_WIDTH}>
          <Combobox
            id={`${id}-language`}
            width={16}
            value={query.language ?? 'en'}
            options={[...new Set([...LANGUAGES, query.language ?? 'en'])].map((value) => ({
              value,
              label: value,
            }))}
            onChange={({ value }) => change({ language: value })}
          />
        </InlineField>
      </InlineFieldRow>
      {isAlertRule && (
        <Text variant="bodySmall" color="secondary">
          {LABELS.alertVariables}
        </Text>
      )}
    </Stack>
  );
}

const STATES = {
  incidents: INCIDENT_STATES,
  streams: STREAM_STATES,
  alerts: ALERT_STATES,
} as const;

function isStateful(queryType: QueryType): queryType is keyof typeof STATES {
  return Object.hasOwn(STATES, queryType);
}

function statesOf(queryType: keyof typeof STATES): readonly AnyState[] {
  return STATES[queryType];
}

function limitOf(text: string): number | undefined {
  const limit = Number(text);
  return text.trim() !== '' && Number.isInteger(limit) && limit > 0 ? limit : undefined;
}

interface TypedInputProps {
  id: string;
  value: string;
  type?: 'text' | 'number';
  placeholder?: string;
  width?: number;
  onCommit: (value: string) => void;
}

/** A field that reports its text on blur or Enter, not on each key. */
function TypedInput({ value, onCommit, ...rest }: TypedInputProps) {
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    setShown(value);
    setText(value);
  }
  const commit = () => {
    if (text !== value) {
      onCommit(text);
    }
  };
  return (
    <Input
      {...rest}
      min={rest.type === 'number' ? 1 : undefined}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    />
  );
}
