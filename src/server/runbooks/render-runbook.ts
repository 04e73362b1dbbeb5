import { escapeHtml } from '../../model/escape-html.ts';
import { LANGUAGE_NAMES, type Language } from '../../model/vocabulary.ts';
import type { Runbook } from './find-runbook.ts';

const NOT_FOUND: Record<Language, string> = {
  en: 'There is no runbook of this name.',
  zh: '没有这个名称的处理手册。',
  ja: 'この名前の手順書はありません。',
  ko: '이 이름의 대응 문서가 없습니다.',
};

/** Colors of the page, light and dark; no more than a reader on a phone at night needs. */
const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 46rem; padding: 1rem; font: 1rem/1.6 system-ui, sans-serif;
  color: light-dark(#1f2328, #d8d9da); background: light-dark(#fff, #111217); overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; font-size: 0.875rem; }
nav a[aria-current] { color: inherit; font-weight: 600; text-decoration: none; }
a { color: light-dark(#1f62e0, #6e9fff); }
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.125rem; margin-top: 1.75rem; }
li { margin: 0.375rem 0; }
code { font: 0.875em ui-monospace, monospace; padding: 0.1em 0.3em; border-radius: 3px;
  background: light-dark(#f0f1f3, #22252b); }
pre { padding: 0.75rem; overflow-x: auto; border-radius: 4px; background: light-dark(#f0f1f3, #22252b); }
pre code { padding: 0; background: none; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
td, th { border: 1px solid light-dark(#d5d8dc, #34373e); padding: 0.25rem 0.5rem; text-align: start; }
`;

/** A link to another runbook of the same folder. */
const TO_RUNBOOK = /^(?:\.\/)?([a-z0-9][a-z0-9-]*)\.md(#.*)?$/i;

/** Characters of Chinese and Japanese, which need no space between them. */
const ENDS_WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]$/u;
const BEGINS_WIDE = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** Their punctuation, which needs none whatever stands beside it. */
const ENDS_MARK = /[\u3000-\u303f\uff00-\uff60]$/u;
const BEGINS_MARK = /^[\u3000-\u303f\uff00-\uff60]/u;

/** Renders Markdown in a language. */
type Render = (markdown: string, language: Language) => string;

let shared: Promise<Render> | undefined;

/** The library is loaded for the first reader: a server that nobody asks for a runbook starts faster. */
function loadRenderer(): Promise<Render> {
  shared ??= import('markdown-it').then(({ default: MarkdownIt }) => {
    // HTML in a runbook is shown as text, and links that would run a script are not made.
    const markdown = new MarkdownIt({ html: false, linkify: true });
    // Only what begins with https: is a link: `rules.md` could be a host name of Moldova.
    markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
    markdown.renderer.rules.softbreak = (tokens, index, _options, env) => {
      // A browser would show a space where a line of the file ends.
      const hasNoSpaces = env?.language === 'zh' || env?.language === 'ja';
      const before = tokens[index - 1]?.content ?? '';
      const after = tokens[index + 1]?.content ?? '';
      return hasNoSpaces && isJoined(before, after) ? '' : '\n';
    };
    markdown.core.ruler.push('runbook-links', ({ tokens, env }) => {
      const links = tokens.flatMap(({ children }) => children ?? []);
      for (const token of links) {
        const href = token.attrGet('href');
        if (href === null) {
          continue;
        }
        const target = String(href);
        const [, name, anchor = ''] = TO_RUNBOOK.exec(target) ?? [];
        if (name) {
          token.attrSet('href', `/runbooks/${name}?lang=${env.language}${anchor}`);
        } else if (!/^(?:https?:|mailto:|\/|#)/i.test(target)) {
          // A file of the repository, which is not here.
          token.attrs = (token.attrs ?? []).filter(([attribute]) => attribute !== 'href');
        }
      }
    });
    return (text, language) => markdown.render(text, { language });
  });
  return shared;
}

/** Whether two lines of Chinese or Japanese follow each other without a space. */
function isJoined(before: string, after: string): boolean {
  return (
    ENDS_MARK.test(before) ||
    BEGINS_MARK.test(after) ||
    (ENDS_WIDE.test(before) && BEGINS_WIDE.test(after))
  );
}

function page(language: Language, title: string, links: string, body: string): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Breakwatch</title>
<link rel="icon" href="/logo.svg">
<style>${STYLE}</style>
</head>
<body>
<nav><a href="/">Breakwatch</a>${links}</nav>
<main>
${body}</main>
</body>
</html>
`;
}

/** Renders the text of a runbook as HTML, for a page that has styles of its own. */
export async function renderRunbookBody({ markdown, language }: Runbook): Promise<string> {
  return (await loadRenderer())(markdown, language);
}

/** Renders a runbook as a page with links to its other languages. */
export async function renderRunbook(runbook: Runbook): Promise<string> {
  const { name, language, languages, markdown } = runbook;
  const [, title = name] = /^# (.+)$/m.exec(markdown) ?? [];
  const links = languages.map((one) => {
    const current = one === language ? ' aria-current="page"' : '';
    return `<a href="?lang=${one}" lang="${one}" hreflang="${one}"${current}>${LANGUAGE_NAMES[one]}</a>`;
  });
  const body = await renderRunbookBody(runbook);
  return page(language, title, links.length > 1 ? links.join('') : '', body);
}

/** The page for a runbook that does not exist. */
export function renderNoRunbook(name: string, language: Language): string {
  const body = `<h1>${escapeHtml(name.slice(0, 100))}</h1>\n<p>${NOT_FOUND[language]}</p>\n`;
  return page(language, NOT_FOUND[language], '', body);
}
