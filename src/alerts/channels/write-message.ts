import type { AlertInstance } from '../../model/alert.ts';
import { cardTitle } from '../../model/card/card.ts';
import { localizeCard, printFacts, printPhrase } from '../../model/card/render-card.ts';
import { printSegments, type Reader, showInvisible, time } from '../../model/card/segments.ts';
import type { AlertNotice } from '../../model/notice.ts';
import type { Language } from '../../model/vocabulary.ts';
import { MESSAGE_WORDS } from './message-words.ts';

/** One line of a message, plain text without markup. */
export interface MessageLine {
  /** Empty where the text needs none. */
  label: string;
  text: string;
  /** Stays however short the message has to be. */
  needed: boolean;
}

/** A notice as plain text for one reader; each chat adds its own markup and escapes. */
export interface Message {
  title: string;
  lines: MessageLine[];
  links: { text: string; url: string }[];
  /** How good or bad the news is; chats show it as a color or a symbol. */
  tone: 'bad' | 'worse' | 'changed' | 'good' | 'test';
  /** Whether to mention people: true for pages. */
  mentionsPeople: boolean;
}

/** The address of the page with an alert's incident; null without a public URL. */
export function pageUrl({ labels }: AlertInstance, publicUrl: string | null): string | null {
  if (publicUrl === null) {
    return null;
  }
  return labels.incident
    ? `${publicUrl}/?incident=${encodeURIComponent(labels.incident)}`
    : `${publicUrl}/`;
}

/** The address of an alert's runbook in a language; null when it has none and without a public URL. */
export function runbookUrl(
  { runbook }: AlertInstance,
  publicUrl: string | null,
  language: Language,
): string | null {
  return publicUrl !== null && runbook ? `${publicUrl}/runbooks/${runbook}?lang=${language}` : null;
}

/** The labels of an alert. Invisible characters are escaped, because templates of receivers print labels. */
export function visibleLabels({ labels }: AlertInstance): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [name, showInvisible(value)]),
  );
}

/** The title of a notice, with the kind of news before it. */
export function noticeTitle(notice: AlertNotice, reader: Reader): string {
  const words = MESSAGE_WORDS[reader.language];
  const title = printPhrase(cardTitle(notice.alert.card), reader);
  const kind = notice.raised
    ? words.raised
    : notice.kind === 'update'
      ? words.update
      : notice.missed
        ? words.missed
        : words[endOf(notice.alert)];
  const named = notice.kind === 'page' && !notice.raised ? title : words.prefix(kind, title);
  return notice.test ? `[${words.test}] ${named}` : named;
}

/** How an alert ended: with a recovery, without one, or merged into another alert. */
export function endOf({ silent, inhibitedBy }: AlertInstance): 'resolved' | 'silent' | 'merged' {
  // An alert that has notified is inhibited only when it is merged.
  return inhibitedBy !== null ? 'merged' : silent ? 'silent' : 'resolved';
}

/** Notes beside the card: the notice is late, or the alert ended before its page could be sent. */
export function noticeNotes(notice: AlertNotice, reader: Reader): string[] {
  const words = MESSAGE_WORDS[reader.language];
  return [
    ...(notice.missed ? [words.missedNote] : []),
    ...(notice.late ? [printSegments(words.late(notice.at), reader)] : []),
  ];
}

/**
 * Writes a notice as a message for people: notes, cause and next step first, as a phone shows the
 * first lines only.
 */
export function writeMessage(
  notice: AlertNotice,
  reader: Reader,
  publicUrl: string | null,
): Message {
  const words = MESSAGE_WORDS[reader.language];
  const { alert, kind, test } = notice;
  const notes = noticeNotes(notice, reader).map((text) => ({ label: '', text, needed: true }));
  const links = [
    { text: words.details, url: pageUrl(alert, publicUrl) },
    { text: words.runbook, url: runbookUrl(alert, publicUrl, reader.language) },
  ];
  return {
    title: noticeTitle(notice, reader),
    lines: [...notes, ...cardLines(notice, reader), ...timeLines(notice, reader)],
    links: links.flatMap(({ text, url }) => (url === null ? [] : [{ text, url }])),
    tone: test ? 'test' : toneOf(notice),
    mentionsPeople: kind === 'page' && !test,
  };
}

function toneOf({ alert, kind }: AlertNotice): Message['tone'] {
  if (kind === 'resolve' && endOf(alert) === 'resolved') {
    return 'good';
  }
  if (kind !== 'page') {
    return 'changed';
  }
  return alert.labels.severity === 'critical' ? 'worse' : 'bad';
}

function cardLines({ alert, kind }: AlertNotice, reader: Reader): MessageLine[] {
  const lines = localizeCard(alert.card, reader.language)
    // A resolved alert needs no next step.
    .filter(({ part }) => part !== 'what' && (part !== 'doNow' || kind !== 'resolve'))
    .map((line) => ({
      label: line.label,
      text: printFacts(line, reader),
      needed: line.part === 'why' || line.part === 'doNow',
    }));
  return [...lines.filter(({ needed }) => needed), ...lines.filter(({ needed }) => !needed)];
}

/** Start and end of an alert whose card has no times of its own. */
function timeLines({ alert, kind }: AlertNotice, reader: Reader): MessageLine[] {
  const words = MESSAGE_WORDS[reader.language];
  const line = (label: string, at: number) => ({
    label,
    text: printSegments([time(at)], reader),
    needed: false,
  });
  return [
    ...(alert.card.some(({ part }) => part === 'since') ? [] : [line(words.since, alert.startsAt)]),
    ...(kind === 'resolve' && alert.resolvedAt !== null && alert.kind !== 'incident'
      ? [line(words.until, alert.resolvedAt)]
      : []),
  ];
}
