import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Badge, Button, type IconName, Input, useStyles2 } from '@grafana/ui';
import { type FormEvent, useState } from 'react';
import type { ShownIncident } from '../state/fetch-incidents.ts';
import { type Remark, sendRemark } from '../state/send-remark.ts';
import { useSetting } from '../state/use-setting.ts';
import type { RemarkStrings } from '../words/remark-strings.ts';

interface IncidentRemarksProps {
  incident: Pick<ShownIncident, 'id' | 'acknowledgedBy'>;
  strings: RemarkStrings;
}

const ICONS: Record<Remark['kind'], IconName> = {
  acknowledge: 'user',
  right: 'check',
  wrong: 'times',
  fixed: 'pen',
};

/** Where the on-call says what they know: that they take it, whether the cause is right, what fixed it. */
export function IncidentRemarks({ incident, strings }: IncidentRemarksProps) {
  const styles = useStyles2(getStyles);
  const [name, setName] = useSetting('name', '', (value): value is string => value.length < 100);
  const [asking, setAsking] = useState<Remark['kind'] | null>(null);
  const [text, setText] = useState('');
  const [taken, setTaken] = useState<string | null>(null);
  const [said, setSaid] = useState<Remark['kind'] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const takenBy = taken ?? incident.acknowledgedBy;

  const send = async (kind: Remark['kind']) => {
    // Shown at once; taken back when the server does not keep it.
    setAsking(null);
    setProblem(null);
    if (kind === 'acknowledge') {
      setTaken(name);
    } else {
      setSaid(kind);
    }
    try {
      await sendRemark(incident.id, kind === 'acknowledge' ? { kind } : { kind, text }, name);
      setText('');
    } catch (thrown) {
      setProblem((thrown as Error).message);
      setTaken(null);
      setSaid(null);
      setAsking(kind);
    }
  };
  const choose = (kind: Remark['kind']) => {
    const isKnown = name.trim() !== '' && (kind === 'acknowledge' || kind === 'right');
    if (isKnown) {
      void send(kind);
    } else {
      setAsking(asking === kind ? null : kind);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (asking) {
      void send(asking);
    }
  };
  const button = (kind: Remark['kind'], label: string) => (
    <Button
      size="sm"
      variant="secondary"
      fill="outline"
      icon={ICONS[kind]}
      data-testid={`remark-${kind}`}
      aria-pressed={said === kind || asking === kind}
      onClick={() => choose(kind)}
    >
      {label}
    </Button>
  );
  const isIncomplete = name.trim() === '' || (asking === 'fixed' && text.trim() === '');
  return (
    <div className={styles.remarks}>
      <div className={styles.line}>
        {takenBy ? (
          <Badge color="green" icon="user" text={strings.acknowledgedBy(takenBy)} />
        ) : (
          button('acknowledge', strings.acknowledge)
        )}
        {button('right', strings.right)}
        {button('wrong', strings.wrong)}
        {button('fixed', strings.fixed)}
        {said && !problem && <output className={styles.thanks}>{strings.thanks}</output>}
      </div>
      {asking && (
        <form className={styles.line} onSubmit={submit}>
          <Input
            className={styles.name}
            aria-label={strings.yourName}
            placeholder={strings.yourName}
            value={name}
            maxLength={99}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          {(asking === 'wrong' || asking === 'fixed') && (
            <Input
              className={styles.text}
              aria-label={asking === 'wrong' ? strings.whatItWas : strings.whatFixedIt}
              placeholder={asking === 'wrong' ? strings.whatItWas : strings.whatFixedIt}
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
            onClick={() => setAsking(null)}
          >
            {strings.cancel}
          </Button>
        </form>
      )}
      {problem && (
        <p role="alert" className={styles.problem}>
          {strings.failed(problem)}
        </p>
      )}
    </div>
  );
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
