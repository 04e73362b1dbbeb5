import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A reason text that a document of CSS, or a user, shows. */
export interface TextCase {
  id: string;
  /** Key of `editions`. */
  edition: string;
  text: string;
  reason: string;
  /** `18/501`: the code beside the text, a code of the reason. */
  code: string;
}

/** A push URL. `<md5(key+stream+txTime)>`, `<HEX>`, `<hex>` and `<now+86400000>` are filled in. */
export interface UrlCase {
  id: string;
  source: string;
  url: string;
  expect: { verdict?: string; refusals?: string[]; neverRefuses?: string; says?: string };
}

/** Bodies that are sent to the callback address, in this order. */
export interface CallbackCase {
  id: string;
  source: string;
  /** `NOW` and `NOW-4` in event_time are filled in. */
  bodies?: Record<string, unknown>[];
  /** A body that is not JSON. */
  form?: string;
  expect: {
    /** Status of the last answer. */
    status: number;
    /** Code of the error. */
    error?: string;
    /** What the error must say, as a pattern. */
    says?: string;
    /** Name of the event type in the metric. */
    type?: string;
    /** Fields of the last break. */
    break?: object;
    /** A rule that must not win for any break. */
    never?: string;
    /** What cause and fix must not say, in any language. */
    neverSays?: string;
    /** Categories that the alternates of the last break must have. */
    alternateCategories?: string[];
    /** Whether the start of the break is the event_time of the first body. */
    startsAtBegin?: boolean;
    exceptions?: object[];
  };
}

/** Input of a command. */
export interface CommandCase {
  id: string;
  source: string;
  command: 'diagnose' | 'explain-code' | 'import';
  line?: object;
  code?: string;
  file?: string;
  /** Fields of the answer. */
  expect: object;
  /** What the answer must say, as a pattern. */
  says?: string;
  alternateCategories?: string[];
}

const FOLDER = join(import.meta.dirname, 'field-cases');

function read<T>(name: string): T {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as T;
}

/** All cases of the folder, by kind. */
export const FIELD_CASES = {
  texts: read<{ cases: TextCase[] }>('texts').cases,
  urls: read<UrlCase[]>('urls'),
  callbacks: read<CallbackCase[]>('callbacks'),
  commands: read<CommandCase[]>('commands'),
};

/** Signs the push URL of a case. @param now - epoch ms UTC */
export function fillUrl(url: string, key: string, now: number): string {
  const at = Math.floor(now / 1_000);
  const hex = (url.includes('<now+86400000>') ? at + 86_400_000 : at + 86_400).toString(16);
  const txTime = url.includes('<hex>') ? hex : hex.toUpperCase();
  const stream = decodeURIComponent(
    /r=live\/([^,]+),/.exec(url)?.[1] ?? /\/live\/([^?]+)/.exec(url)?.[1] ?? '',
  );
  const secret = createHash('md5').update(`${key}${stream}${txTime}`).digest('hex');
  return url
    .replace('<md5(key+stream+txTime)>', secret)
    .replace(/<HEX>|<hex>|<now\+86400000>/, txTime);
}

/** Fills in the times of a body and signs it as CSS does. @param now - epoch ms UTC */
export function fillBody(
  body: Record<string, unknown>,
  callbackKey: string,
  now: number,
): Record<string, unknown> {
  const at = Math.floor(now / 1_000);
  const filled = Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      const ago = typeof value === 'string' ? /^NOW(?:-(\d+))?$/.exec(value) : null;
      return [name, ago ? at - Number(ago[1] ?? 0) : value];
    }),
  );
  const t = at + 600;
  const sign = createHash('md5').update(`${callbackKey}${t}`).digest('hex');
  return { ...filled, t, sign };
}
