import type { MetricFindValue } from '@grafana/data';
import {
  Combobox,
  IconButton,
  InlineField,
  InlineFieldRow,
  InlineLabel,
  MultiCombobox,
  Stack,
} from '@grafana/ui';
import { useEffect, useId, useRef, useState } from 'react';
import { FILTER_NAMES, type FilterName } from '../../../model/query.ts';
import { CATEGORIES, OUTCOMES, SEVERITIES, SIDES } from '../../../model/vocabulary.ts';
import { LABELS } from '../labels.ts';
import type { BreakwatchQuery } from '../types.ts';

type Filters = NonNullable<BreakwatchQuery['filters']>;

/** Values of filters with a fixed list; the backend knows the values of the others. */
const FIXED_VALUES: Partial<Record<FilterName, readonly string[]>> = {
  category: CATEGORIES,
  severity: SEVERITIES,
  side: SIDES,
  outcome: OUTCOMES,
};

interface FilterRowsProps {
  filters: Filters;
  labelWidth: number;
  loadValues: (name: FilterName, typed: string) => Promise<MetricFindValue[]>;
  onChange: (filters: Filters) => void;
}

/** One row for each filter in use, and a picker to add another. */
export function FilterRows({ filters, labelWidth, loadValues, onChange }: FilterRowsProps) {
  const id = useId();
  const [added, setAdded] = useState<FilterName[]>([]);
  const inUse = FILTER_NAMES.filter((name) => filters[name] !== undefined || added.includes(name));
  const unused = FILTER_NAMES.filter((name) => !inUse.includes(name));
  const container = useRef<HTMLDivElement>(null);
  /** The element to focus after the rows have changed. */
  const nextFocus = useRef<FilterName | 'add'>(undefined);
  const shown = inUse.join();
  useEffect(() => {
    const target = nextFocus.current;
    if (target && (target === 'add' || shown.split(',').includes(target))) {
      nextFocus.current = undefined;
      container.current
        ?.querySelector<HTMLInputElement>(`[data-filter="${target}"] input`)
        ?.focus();
    }
  }, [shown]);
  const set = (name: FilterName, values: string[] | undefined) => {
    const { [name]: _before, ...rest } = filters;
    onChange(values && values.length > 0 ? { ...rest, [name]: values } : rest);
  };
  return (
    <Stack ref={container} direction="column" gap={0.5}>
      {inUse.map((name) => (
        <InlineFieldRow key={name} data-filter={name}>
          <InlineField
            label={
              <InlineLabel id={`${id}-${name}`} width={labelWidth}>
                {LABELS.filters.names[name]}
              </InlineLabel>
            }
            grow
          >
            <MultiCombobox
              aria-labelledby={`${id}-${name}`}
              createCustomValue
              placeholder={LABELS.filters.placeholder}
              value={filters[name] ?? []}
              options={optionsOf(name, loadValues)}
              onChange={(chosen) => {
                // Keep a row that was just cleared, or it would disappear under the cursor.
                setAdded((before) => [...new Set([...before, name])]);
                set(
                  name,
                  chosen.map(({ value }) => value),
                );
              }}
            />
          </InlineField>
          <IconButton
            name="trash-alt"
            tooltip={`${LABELS.filters.remove} ${LABELS.filters.names[name]}`}
            onClick={() => {
              nextFocus.current = 'add';
              setAdded((before) => before.filter((other) => other !== name));
              set(name, undefined);
            }}
          />
        </InlineFieldRow>
      ))}
      {unused.length > 0 && (
        <InlineField label={LABELS.filters.title} labelWidth={labelWidth} data-filter="add">
          <Combobox
            key={inUse.length}
            id={`${id}-add`}
            width={24}
            placeholder={LABELS.filters.add}
            value={null}
            options={unused.map((value) => ({ value, label: LABELS.filters.names[value] }))}
            onChange={({ value }) => {
              nextFocus.current = value;
              setAdded((before) => [...before, value]);
            }}
          />
        </InlineField>
      )}
    </Stack>
  );
}

function optionsOf(name: FilterName, loadValues: FilterRowsProps['loadValues']) {
  const fixed = FIXED_VALUES[name];
  if (fixed) {
    return fixed.map((value) => ({ value, label: value }));
  }
  return async (typed: string) => {
    const values = await loadValues(name, typed).catch(() => []);
    return values.map(({ text }) => ({ value: text, label: text }));
  };
}
