import { describe, expect, it } from 'vitest';
import { alertmanagerAlert } from '../../../src/alerts/channels/alertmanager/alertmanager-alert.ts';
import { WEBHOOK_FORMATTERS } from '../../../src/alerts/channels/webhook/webhook-channel.ts';
import { LANGUAGES } from '../../../src/model/vocabulary.ts';
import { makeNotice, STARTS_AT } from '../make-notice.ts';

const PUBLIC_URL = 'https://bw.example.com';
const ZONES = { en: 'UTC', zh: 'Asia/Shanghai', ja: 'Asia/Tokyo', ko: 'Asia/Seoul' };

/** A late page and a resolve in each language, as receivers get them. */
function bodies(
  write: (language: (typeof LANGUAGES)[number], kind: 'page' | 'resolve') => unknown,
) {
  const all = LANGUAGES.flatMap((language) =>
    (['page', 'resolve'] as const).map((kind) => ({ language, kind, body: write(language, kind) })),
  );
  return `${JSON.stringify(all, null, 2)}\n`;
}

const noticeOf = (kind: 'page' | 'resolve') => ({ ...makeNotice(kind), late: kind === 'page' });

describe('messages in four languages', () => {
  it.each(['slack', 'wecom', 'feishu', 'dingtalk', 'json'] as const)('of %s', async (format) => {
    const text = bodies((language, kind) => {
      const settings = {
        url: 'https://chat.example.com/x',
        secrets: [],
        mention: [],
        language,
        timeZone: ZONES[language],
      };
      const notice = noticeOf(kind);
      const request = { notice, settings, publicUrl: PUBLIC_URL, at: STARTS_AT };
      return JSON.parse(WEBHOOK_FORMATTERS[format].write(request).body);
    });
    await expect(text).toMatchFileSnapshot(`golden/${format}.json`);
  });

  it('of Alertmanager', async () => {
    const text = bodies((language, kind) => {
      const settings = { labels: {}, language, timeZone: ZONES[language] };
      const at = STARTS_AT + 600_000;
      return alertmanagerAlert(noticeOf(kind), settings, PUBLIC_URL, at, at);
    });
    await expect(text).toMatchFileSnapshot('golden/alertmanager.json');
  });
});
