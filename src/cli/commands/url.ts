import { text } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import {
  checkPushUrl,
  keysOfDomain,
  type PushUrlCheck,
  signPushUrl,
  type TxSecretHash,
} from '../../css/push-url/index.ts';
import { createLookupSource } from '../../engine/rules/rules-in-force.ts';
import { showInvisible } from '../../model/card/segments.ts';
import { pickText } from '../../model/localized-text.ts';
import { formatSpan } from '../../model/time.ts';
import type { Language } from '../../model/vocabulary.ts';
import { explainEntries } from '../../queries/lookup.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { readPushKeys } from '../config/read-config.ts';
import { loadDiagnoser } from '../input/load-diagnoser.ts';
import { languageOption, parseDuration, parseMoment, printMoment } from '../input/options.ts';
import { wrapText } from '../output/wrap-text.ts';

/** Exit code when nothing is wrong with the URL, but its txSecret could not be checked. */
const UNCHECKED = 3;

interface CheckOptions {
  at?: number;
  session?: number;
  lang: Language;
  json?: boolean;
}

interface SignOptions {
  domain: string;
  app: string;
  stream: string;
  valid: number;
  hash: TxSecretHash;
  json?: boolean;
}

/** A refusal with the words of its rule. */
type ExplainedRefusal = PushUrlCheck['refusals'][number] & { title: string; fix: string[] };

/** Adds `breakwatch url check` and `breakwatch url sign`. */
export function addUrl(program: Command): void {
  const url = program.command('url').description('Check and sign push URLs.');
  url
    .command('check')
    .description(
      'Check whether CSS would accept a push with this URL, and how long it is valid. Keys come from breakwatch.yaml (pushKeys) or BREAKWATCH_PUSH_KEY.',
    )
    .argument('<url>', 'push URL in quotes; - reads standard input')
    .option('--at <time>', 'start of the push, ISO 8601 or epoch ms (default: now)', parseMoment)
    .option('--session <duration>', 'length of the session, for example 4h', parseDuration)
    .addOption(languageOption())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExit codes: 0 CSS would accept it, 1 CSS would refuse it or it is not a push\nURL, 2 wrong usage, ${UNCHECKED} nothing wrong, but no push key is configured to check\ntxSecret.`,
    )
    .action(async (given: string, options: CheckOptions) => {
      const keys = await readPushKeys(process.env);
      const check = checkPushUrl(given === '-' ? await text(process.stdin) : given, {
        keys,
        at: options.at ?? Date.now(),
        sessionMs: options.session ?? null,
        language: options.lang,
      });
      const refusals = await explain(check, options.lang);
      process.stdout.write(
        options.json ? `${JSON.stringify({ ...check, refusals })}\n` : print(check, refusals),
      );
      process.exitCode = { accepted: 0, refused: 1, unchecked: UNCHECKED }[check.verdict];
    });
  url
    .command('sign')
    .description(
      'Sign a push URL for each protocol. The key comes from breakwatch.yaml (pushKeys) or BREAKWATCH_PUSH_KEY. Anyone with the URL can push until it expires.',
    )
    .requiredOption('--domain <domain>', 'push domain (required)')
    .option('--app <name>', 'AppName', 'live')
    .requiredOption('--stream <name>', 'StreamName (required)')
    .addOption(
      new Option('--valid <duration>', 'how long the URL is valid')
        .argParser(parseDuration)
        .default(86_400_000, '24h'),
    )
    .addOption(
      new Option('--hash <hash>', 'encryption type of the domain in the console')
        .choices(['md5', 'sha256'])
        .default('md5'),
    )
    .option('--json', 'print JSON')
    .action(async (options: SignOptions) => {
      const { domain, app, stream, hash } = options;
      const keys = await readPushKeys(process.env);
      const [own] = keysOfDomain(domain, keys);
      if (!own) {
        throw maskedError('PUSH_KEY_MISSING', { domain });
      }
      const now = Date.now();
      // The URL has whole seconds only.
      const expiresAt = Math.floor((now + options.valid) / 1_000) * 1_000;
      const urls = signPushUrl({ domain, app, stream, key: own.key, expiresAt, hash });
      const check = checkPushUrl(urls.rtmp, { keys: [own], at: now });
      if (check.verdict !== 'accepted') {
        throw maskedError('BAD_PUSH_URL', {
          problem: check.refusals.map(({ code, problem }) => `${code}: ${problem}`).join(' '),
        });
      }
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ ...urls, expiresAt, warnings: check.warnings })}\n`
          : [
              urls.rtmp,
              urls.webrtc,
              urls.srt,
              `${urls.rtmpOverSrt}   (RTMP over SRT)`,
              `Expires ${printMoment(expiresAt)}`,
              ...check.warnings.map((warning) => `Warning: ${warning.text}`),
              '',
            ].join('\n'),
      );
    });
}

/** Indentation below "Here:" and "Do:". */
const DEEP = ' '.repeat(16);

async function explain(check: PushUrlCheck, language: Language): Promise<ExplainedRefusal[]> {
  if (check.refusals.length === 0) {
    return [];
  }
  const { ruleSet } = await loadDiagnoser();
  const source = createLookupSource(() => ruleSet);
  return Promise.all(
    check.refusals.map(async (refusal) => {
      const [entry] = await explainEntries(refusal.code, source);
      return {
        ...refusal,
        title: entry ? pickText(entry.title, language) : refusal.code,
        fix: (entry?.fix ?? []).map((step) => pickText(step, language)),
      };
    }),
  );
}

function print(check: PushUrlCheck, refusals: readonly ExplainedRefusal[]): string {
  const { verdict, protocol, domain, app, stream, expiresAt, checkedAt } = check;
  const secret = {
    yes: 'matches a configured key',
    no: 'wrong',
    keyUnknown: 'not checked',
    absent: 'missing',
  }[check.secretMatches];
  const lines = [showInvisible(`${verdict}  ${protocol}  ${domain}  ${app}/${stream}`)];
  for (const { code, title, problem, fix } of refusals) {
    lines.push(`  ${code}  ${title}`, ...wrapText(problem, '          Here: ', DEEP));
    lines.push(
      ...fix.flatMap((step, index) =>
        wrapText(step, index === 0 ? '          Do:   ' : DEEP, DEEP),
      ),
    );
  }
  if (expiresAt !== null) {
    const left = expiresAt - checkedAt;
    lines.push(
      `  Expires  ${printMoment(expiresAt)}, ${left > 0 ? `in ${formatSpan(left)}` : `${formatSpan(-left)} ago`}`,
    );
  }
  lines.push(
    `  Secret   ${secret}`,
    ...check.warnings.flatMap(({ text }) => wrapText(text, '  Warning  ', '           ')),
  );
  return `${lines.join('\n')}\n`;
}
