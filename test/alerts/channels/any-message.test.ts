import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertmanagerAlert } from '../../../src/alerts/channels/alertmanager/alertmanager-alert.ts';
import { WEBHOOK_FORMATTERS } from '../../../src/alerts/channels/webhook/webhook-channel.ts';
import { formatTime } from '../../../src/model/time.ts';
import { LANGUAGES } from '../../../src/model/vocabulary.ts';
import { anyCard, TIMES, timesOf, ZONES } from '../../model/card/any-card.ts';
import { makeNotice, STARTS_AT } from '../make-notice.ts';

/** Where each chat has its text, and how to split it into lines. */
const CHATS = {
  // biome-ignore lint/suspicious/noExplicitAny: bodies have many shapes.
  slack: (body: any) => [body.text, ...body.blocks.at(-1).text.text.split('\n')],
  // biome-ignore lint/suspicious/noExplicitAny: bodies have many shapes.
  wecom: (body: any) => body.markdown.content.split('\n'),
  // biome-ignore lint/suspicious/noExplicitAny: bodies have many shapes.
  feishu: (body: any) => [
    body.card.header.title.content,
    ...body.card.elements[0].text.content.split('\n'),
  ],
  // biome-ignore lint/suspicious/noExplicitAny: bodies have many shapes.
  dingtalk: (body: any) => body.markdown.text.split('\n\n'),
} as const;
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

const anyReader = fc.record({
  language: fc.constantFrom(...LANGUAGES),
  timeZone: fc.constantFrom(...ZONES),
});

describe('messages of any card', () => {
  it.each(Object.keys(CHATS) as (keyof typeof CHATS)[])(
    'have no more lines than the card in %s, and times of one zone',
    (format) => {
      fc.assert(
        fc.property(anyCard, anyReader, (card, reader) => {
          const settings = {
            url: 'https://chat.example.com/x',
            secrets: [],
            mention: [],
            ...reader,
          };
          const notice = makeNotice('page', { card });
          const request = { notice, settings, publicUrl: null, at: STARTS_AT };
          const { body } = WEBHOOK_FORMATTERS[format].write(request);
          const lines: string[] = CHATS[format](JSON.parse(body));
          // A card without a start time shows the start time of the alert.
          const added = card.some(({ part }) => part === 'since') ? 0 : 1;
          expect(lines.length).toBeLessThanOrEqual(card.length + added);
          expect(lines.filter((line) => UNSAFE.test(line))).toEqual([]);
          const known = [STARTS_AT, ...timesOf(card)].map((at) => formatTime(at, reader.timeZone));
          const shown = lines.flatMap((line) => line.match(TIMES) ?? []);
          const isKnown = (text: string) => known.some((time) => text.startsWith(time));
          expect(shown.filter((text) => !isKnown(text))).toEqual([]);
        }),
      );
    },
  );

  it('have one line for each annotation of Alertmanager but the card', () => {
    fc.assert(
      fc.property(anyCard, anyReader, (card, reader) => {
        const settings = { labels: {}, ...reader };
        const notice = makeNotice('resolve', { card });
        const at = STARTS_AT + 600_000;
        const { annotations } = alertmanagerAlert(notice, settings, null, at, at);
        const { description, ...others } = annotations;
        expect(description?.split('\n')).toHaveLength(card.length);
        expect(Object.values(others).filter((text) => UNSAFE.test(text))).toEqual([]);
        expect(annotations.since).toBe(formatTime(STARTS_AT, reader.timeZone));
        expect(annotations.until).toBe(formatTime(at, reader.timeZone));
      }),
    );
  });
});
