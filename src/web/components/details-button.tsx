import { Button } from '@grafana/ui';

/** Opens and closes the details of a card. */
export function DetailsButton(props: { open: boolean; label: string; onToggle: () => void }) {
  return (
    <Button
      size="sm"
      fill="text"
      variant="secondary"
      icon={props.open ? 'angle-up' : 'angle-down'}
      aria-expanded={props.open}
      onClick={props.onToggle}
    >
      {props.label}
    </Button>
  );
}
