import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ROUTES } from '../../contract/routes.ts';
import { BreakwatchError } from '../../model/errors.ts';
import { isOneOf, LANGUAGES, type Language } from '../../model/vocabulary.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { addRoute } from '../add-route.ts';
import { findRunbook, type RunbookFolders } from './find-runbook.ts';
import { renderNoRunbook, renderRunbook, renderRunbookBody } from './render-runbook.ts';
import { wantedLanguages } from './wanted-languages.ts';

/** What the routes need. */
export interface RunbookRoutesOptions {
  folders: RunbookFolders;
  /** Whether a request may read breaks, and so the team's own runbooks. */
  mayRead: (request: FastifyRequest) => boolean;
}

/** `?lang=` before the languages of the browser. */
function languagesOf({ query, headers }: FastifyRequest): Language[] {
  const { lang } = query as { lang?: unknown };
  const chosen = typeof lang === 'string' && isOneOf(LANGUAGES, lang) ? [lang] : [];
  return [...chosen, ...wantedLanguages(headers['accept-language'])];
}

/**
 * Serves runbooks: `/runbooks/NAME` as a page in the reader's language, `/runbooks/NAME.md` as Markdown to those who
 * do not ask for HTML, and as the page to browsers. Shipped runbooks need no token, the team's own ones do.
 */
export function addRunbookRoutes(
  app: FastifyInstance,
  { folders, mayRead }: RunbookRoutesOptions,
): void {
  app.get('/runbooks/:file', async (request, reply): Promise<FastifyReply> => {
    const { file } = request.params as { file: string };
    const name = file.replace(/\.md$/, '');
    const languages = languagesOf(request);
    const runbook = await findRunbook(name, languages, folders);
    reply.header('cache-control', 'no-cache').header('vary', 'accept, accept-language');
    if (!runbook) {
      const html = renderNoRunbook(name, languages[0] ?? 'en');
      return reply.code(404).type('text/html; charset=utf-8').send(html);
    }
    if (runbook.isOwn && !mayRead(request)) {
      reply.header('www-authenticate', 'Basic realm="Breakwatch", charset="UTF-8"');
      throw new BreakwatchError('TOKEN_REQUIRED');
    }
    reply.header('content-language', runbook.language);
    const isText = file !== name && !request.headers.accept?.includes('text/html');
    return isText
      ? reply.type('text/markdown; charset=utf-8').send(runbook.markdown)
      : reply.type('text/html; charset=utf-8').send(await renderRunbook(runbook));
  });
}

/** Adds `GET /api/v1/runbooks/:name`, which the page shows beside a rule. */
export function addRunbookBodyRoute(app: FastifyInstance, folders: RunbookFolders): void {
  addRoute(app, ROUTES.runbook, async ({ params, request }) => {
    const runbook = await findRunbook(params.name, languagesOf(request), folders);
    if (!runbook) {
      throw maskedError('NOT_FOUND', { path: request.url.split('?', 1)[0] as string });
    }
    const { name, language: lang, languages, isOwn } = runbook;
    return { name, lang, languages, isOwn, html: await renderRunbookBody(runbook) };
  });
}
