import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Badge, Button, type IconName, Input, useStyles2 } from '@grafana/ui';
import { type FormEvent, useState } from 'react';
import type { ShownIncident } from '../state/fetch-incidents.ts';
import { type Remark, sendRemark } from '../state/send-remark.ts';
import { useSetting } from '../state/use-setting.ts';
import type { Strings } from '../words/strings.ts';

interface IncidentRemarksProps {
  incident: Pick<ShownIncident, 'id' | 'acknowledgedBy'>;
  strings: Strings;
  /** Called when a remark is stored. */
  onSaved: () => void;
}

const ICONS: Record<Remark['kind'], IconName> = {
  acknowledge: 'user',
  takeOver: 'exchange-alt',
  release: 'signout',
  note: 'comment-alt',
  right: 'check',
  wrong: 'times',
  fixed: 'pen',
};

/** Lets the on-call take, hand over and release an incident, judge its cause, and write notes. */
export function IncidentRemarks({ incident, strings, onSaved }: IncidentRemarksProps) {
  const styles = useStyles2(getStyles);
  const [name, setName] = useSetting('name', '', (value): value is string => value.length < 100);
  const [form, setForm] = useState<Remark['kind'] | null>(null);
  const [text, setText] = useState('');
  /** Who has it according to the last remark of this page, until the list says the same. */
  const [holder, setHolder] = useState<{ by: string | null; before: string | null } | null>(null);
  const [sent, setSent] = useState<Remark['kind'] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const acknowledgedBy =
    holder && holder.before === incident.acknowledgedBy ? holder.by : incident.acknowledgedBy;

  const send = async (kind: Remark['kind']) => {
    // Shown at once; reverted when the server does not save it.
    setForm(null);
    setProblem(null);
    if (isDuty(kind)) {
      setHolder({ by: kind === 'release' ? null : name, before: incident.acknowledgedBy });
    } else {
      setSent(kind);
    }
    try {
      await sendRemark(incident.id, { kind, text }, name);
      setText('');
      onSaved();
    } catch (thrown) {
      setProblem((thrown as Error).message);
      setHolder(null);
      setSent(null);
      setForm(kind);
    }
  };
  const choose = (kind: Remark['kind']) => {
    const isKnown = name.trim() !== '' && (kind === 'acknowledge' || kind === 'right');
    if (isKnown) {
      void send(kind);
    } else {
      setForm(form === kind ? null : kind);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (form) {
      void send(form);
    }
  };
  const button = (kind: Remark['kind'], label: string) => (
    <Button
      size="sm"
      variant="secondary"
      fill="outline"
      icon={ICONS[kind]}
      data-testid={`remark-${kind}`}
      aria-pressed={sent === kind || form === kind}
      onClick={() => choose(kind)}
    >
      {label}
    </Button>
  );
  const needsText = form === 'fixed' || form === 'note';
  const isIncomplete = name.trim() === '' || (needsText && text.trim() === '');
  const question = form === null ? undefined : questionOf(form, strings);
  return (
    <div className={styles.remarks}>
      <div className={styles.line}>
        {acknowledgedBy ? (
          <>
            <Badge color="green" icon="user" text={strings.acknowledgedBy(acknowledgedBy)} />
            {acknowledgedBy !== name && button('takeOver', strings.takeOver)}
            {button('release', strings.release)}
          </>
        ) : (
          button('acknowledge', strings.acknowledge)
        )}
        {button('right', strings.causeRight)}
        {button('wrong', strings.causeWrong)}
        {button('note', strings.addNote)}
        {button('fixed', strings.recordFix)}
        {sent && !problem && <output className={styles.thanks}>{strings.saved}</output>}
      </div>
      {form && (
        <form className={styles.line} onSubmit={submit}>
          <Input
            className={styles.name}
            aria-label={strings.yourName}
            placeholder={strings.yourName}
            value={name}
            maxLength={99}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          {question !== undefined && (
            <Input
              className={styles.text}
              aria-label={question}
              placeholder={question}
              value={text}
              maxLength={2_000}
              onChange={({ currentTarget }) => setText(currentTarget.value)}
            />
          )}
          <Button size="sm" type="submit" disabled={isIncomplete}>
            {strings.send}
          </Button>
          <Button
            size="sm"
            type="button"
            variant="secondary"
            fill="text"
            onClick={() => setForm(null)}
          >
            {strings.cancel}
          </Button>
        </form>
      )}
      {problem && (
        <p role="alert" className={styles.problem}>
          {strings.notSaved(problem)}
        </p>
      )}
    </div>
  );
}

/** Whether a remark changes who works on the incident. */
function isDuty(kind: Remark['kind']): boolean {
  return kind === 'acknowledge' || kind === 'takeOver' || kind === 'release';
}

/** What the form asks for; undefined when a name is enough. */
function questionOf(kind: Remark['kind'], strings: Strings): string | undefined {
  switch (kind) {
    case 'wrong':
      return strings.askRealCause;
    case 'fixed':
      return strings.askFix;
    case 'note':
      return strings.askNote;
    case 'takeOver':
    case 'release':
      return strings.askReason;
    default:
      return undefined;
  }
}

const getStyles = (theme: GrafanaTheme2) => ({
  remarks: css({ marginTop: theme.spacing(0.5) }),
  line: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(0.75),
    marginTop: theme.spacing(0.5),
  }),
  name: css({ width: 160 }),
  text: css({ flex: '1 1 240px', width: 'auto' }),
  thanks: css({ color: theme.colors.success.text, fontSize: theme.typography.bodySmall.fontSize }),
  problem: css({
    margin: theme.spacing(0.5, 0, 0),
    color: theme.colors.error.text,
    fontSize: theme.typography.bodySmall.fontSize,
    overflowWrap: 'anywhere',
  }),
});
