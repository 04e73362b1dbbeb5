import type { AlertNotice, AlertText } from '../../model/alert.ts';
import { LANGUAGES, type Language } from '../../model/vocabulary.ts';
import { inTimeZone } from './in-time-zone.ts';
import { MESSAGE_WORDS } from './message-words.ts';

/** One line of a message. */
export interface MessageLine {
  /** Empty where the text stands for itself. */
  label: string;
  text: string;
  /** Has to be there however short the message is. */
  needed: boolean;
}

/** What is told in a chat, before it takes the form that the chat wants. Plain text, no markup. */
export interface Message {
  title: string;
  lines: MessageLine[];
  links: { text: string; url: string }[];
  /** What the eye sees first. */
  tone: 'bad' | 'worse' | 'changed' | 'good' | 'test';
  /** Rings: a page of something that still lasts. */
  rings: boolean;
}

/** Where links lead, and whose clocks times are told by. */
export interface LinkSettings {
  /** Breakwatch's address as a browser reaches it; null for no links. */
  publicUrl: string | null;
  /** IANA name; UTC when absent. */
  timeZone?: string;
}

/** The address of the page with an alert's incident; null when no address is known. */
export function pageUrl(
  { labels }: AlertNotice['alert'],
  { publicUrl }: LinkSettings,
): string | null {
  if (publicUrl === null) {
    return null;
  }
  return labels.incident
    ? `${publicUrl}/?incident=${encodeURIComponent(labels.incident)}`
    : `${publicUrl}/`;
}

/** The address of an alert's runbook; null when it has none or no address is known. */
export function runbookUrl(
  { runbook }: AlertNotice['alert'],
  { publicUrl }: LinkSettings,
): string | null {
  return publicUrl !== null && runbook ? `${publicUrl}/runbooks/${runbook}.md` : null;
}

/** The title of a notice, saying what kind of news it is. */
export function titleOf(notice: AlertNotice, language: Language): string {
  const words = MESSAGE_WORDS[language];
  const title = textsOf(notice, language).title;
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

/** How an alert ended: what it is about is back, was given up, or goes on as part of another. */
export function endOf({ silent, inhibitedBy }: AlertNotice['alert']) {
  // Whoever was told is never kept quiet by another while it lasts.
  return inhibitedBy !== null ? 'merged' : silent ? 'silent' : 'resolved';
}

/** The words of an alert in a language, or in the one that it has. */
export function textsOf({ alert: { texts } }: AlertNotice, language: Language): AlertText {
  const known = [language, ...LANGUAGES].find((name) => texts[name] !== undefined);
  return (known && texts[known]) || { title: '', cause: '', doNow: '', card: '' };
}

/** What has to be said beside the card: that it comes late, or was over before it could be told. */
export function notesOf(notice: AlertNotice, language: Language): string[] {
  const words = MESSAGE_WORDS[language];
  return [
    ...(notice.missed ? [words.missedNote] : []),
    ...(notice.late ? [words.late(printTime(notice.at))] : []),
  ];
}

/** `2026-03-01 12:00:05 UTC`. */
export function printTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Writes a notice as a message for people. */
export function writeMessage(
  notice: AlertNotice,
  language: Language,
  settings: LinkSettings,
): Message {
  const words = MESSAGE_WORDS[language];
  const { alert, kind, test } = notice;
  const { cause, doNow, card } = textsOf(notice, language);
  const notes = notesOf(notice, language).map((text) => ({ label: '', text, needed: true }));
  const links = [
    { text: words.details, url: pageUrl(alert, settings) },
    { text: words.runbook, url: runbookUrl(alert, settings) },
  ];
  const isWorse = alert.labels.severity === 'critical';
  return {
    title: titleOf(notice, language),
    lines: [...notes, ...linesOf(card, cause, doNow, notice, language)].map((line) => ({
      ...line,
      text: inTimeZone(line.text, settings.timeZone),
    })),
    links: links.flatMap(({ text, url }) => (url === null ? [] : [{ text, url }])),
    tone: test
      ? 'test'
      : kind === 'resolve' && endOf(alert) === 'resolved'
        ? 'good'
        : kind !== 'page'
          ? 'changed'
          : isWorse
            ? 'worse'
            : 'bad',
    rings: kind === 'page' && !test,
  };
}

/** The lines of a card, or cause and next step where there is none. */
function linesOf(
  card: string,
  cause: string,
  doNow: string,
  { kind, alert }: AlertNotice,
  language: Language,
): MessageLine[] {
  const words = MESSAGE_WORDS[language];
  // What is over needs no next step.
  const isStep = (text: string) => kind === 'resolve' && doNow !== '' && text === doNow;
  const read = card
    .split('\n')
    .slice(1)
    .flatMap((line): MessageLine[] => {
      const [, label = '', text = ''] = /^\*\*(.+?):\*\*\s*(.*)$/.exec(line.trim()) ?? [];
      const plain = unescapeMarkdown(text);
      const needed =
        (cause !== '' && plain.includes(cause)) || (doNow !== '' && plain.includes(doNow));
      return plain && !isStep(plain)
        ? [{ label: unescapeMarkdown(label), text: plain, needed }]
        : [];
    });
  // The card of an incident has times of its own.
  if (read.length > 0 && alert.kind === 'incident') {
    // A phone shows the first lines of a message without opening it.
    return [...read.filter(({ needed }) => needed), ...read.filter(({ needed }) => !needed)];
  }
  const times = [
    { label: words.since, text: printTime(alert.startsAt), needed: false },
    ...(kind === 'resolve' && alert.resolvedAt !== null
      ? [{ label: words.until, text: printTime(alert.resolvedAt), needed: false }]
      : []),
  ];
  return [
    { label: words.cause, text: cause, needed: true },
    { label: words.doNow, text: doNow, needed: true },
    ...times,
  ].filter(({ text }) => text !== '' && !isStep(text));
}

function unescapeMarkdown(text: string): string {
  return text.replace(/\\([\\`*_[\]<>|~#])/g, '$1').trim();
}
