import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../helpers/running-server.ts';

let folder: string;
/** One without a token and one with it. */
let server: TestServer;
let guarded: TestServer;
const TOKEN = 'a-token-for-tests';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runbooks-'));
  for (const [path, text] of Object.entries({
    'shipped/expired.md':
      '# Push URL expired\n\nRead `txTime`. See [secret](secret.md#why) or [rules](../rules.md).\n',
    'shipped/zh/expired.md':
      '# 推流地址已过期\n\n该流先断流，\n现在\n重连不上，见\n`txTime`。\nSee errors.md and\nhttps://example.com/a.\n',
    'shipped/secret.md': '# Wrong secret\n',
    'own/runbooks/vip.md':
      '# VIP\n\nCall 555-0100. <script>alert(1)</script> [x](javascript:alert(1))\n',
    'own/runbooks/secret.md': '# Our way\n',
  })) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const runbooks = { shipped: join(folder, 'shipped'), own: [join(folder, 'own/runbooks')] };
  server = await startTestServer({ runbooks });
  guarded = await startTestServer({ runbooks, token: TOKEN });
});
afterAll(async () => {
  await server?.stop();
  await guarded?.stop();
  await rm(folder, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}, from = server) =>
  fetch(`${from.url}/runbooks/${path}`, { headers });

describe('a runbook', () => {
  it('is a page in the language that was asked for, with links to the others', async () => {
    const answer = await get('expired?lang=zh');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-language')).toBe('zh');
    const html = await answer.text();
    expect(html).toContain('<html lang="zh">');
    expect(html).toContain('<h1>推流地址已过期</h1>');
    expect(html).toContain('<a href="?lang=en" lang="en" hreflang="en">English</a>');
    expect(html).not.toContain('日本語');
    // Lines of Chinese are joined without a space, others with one.
    expect(html).toContain(
      '该流先断流，现在重连不上，见\n<code>txTime</code>。See errors.md and\n<a href="https://example.com/a">',
    );
  });

  it.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['en-GB', 'en'],
    ['fr, zh;q=0.3, en;q=0.2', 'zh'],
    ['zh;q=0, en;q=0.1', 'en'],
    ['ko', 'en'],
    ['', 'en'],
  ])('is in the language of the browser: %s', async (accepted, language) => {
    const answer = await get('expired', { 'accept-language': accepted });
    expect(answer.headers.get('content-language')).toBe(language);
  });

  it('links to other runbooks in its language, and to no file that is not served', async () => {
    const html = await (await get('expired?lang=en')).text();
    expect(html).toContain('<a href="/runbooks/secret?lang=en#why">secret</a>');
    expect(html).not.toContain('rules.md');
  });

  it('is Markdown for programs that ask for the file, and the page for browsers', async () => {
    const text = await get('expired.md');
    expect(text.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(await text.text()).toMatch(/^# Push URL expired\n/);
    const page = await get('expired.md', { accept: 'text/html,*/*' });
    expect(await page.text()).toContain('<h1>Push URL expired</h1>');
  });

  it('of the team overrides a shipped one, and shows HTML as text', async () => {
    expect(await (await get('secret')).text()).toContain('<h1>Our way</h1>');
    const html = await (await get('vip')).text();
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toMatch(/<script|href="javascript/i);
  });

  it('of the team needs the token; a shipped one does not', async () => {
    expect((await get('expired', {}, guarded)).status).toBe(200);
    const refused = await get('vip', {}, guarded);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toMatch(/^Basic /);
    expect(await refused.text()).not.toContain('555');
    const allowed = await get('vip', { authorization: `Bearer ${TOKEN}` }, guarded);
    expect(await allowed.text()).toContain('555');
  });

  it.each(['nothing', '..%2Fown%2Frunbooks%2Fvip', 'zh%2Fexpired', '%00'])(
    'that does not exist is a page that says so: %s',
    async (name) => {
      const answer = await get(name, { 'accept-language': 'ja' });
      expect(answer.status).toBe(404);
      expect(await answer.text()).toContain('この名前の手順書はありません。');
    },
  );
});
