import type { AlertInstance, AlertNotice, NotificationChannel } from '../../../model/alert.ts';
import { labelSetsFor } from '../../../model/alert-label-sets.ts';
import type { BreakwatchError } from '../../../model/errors.ts';
import { asBreakwatchError, maskedError } from '../../../secrets/masked-error.ts';
import type { AlertmanagerSettings } from '../../alert-settings.ts';
import { passesFilter } from '../../passes-filter.ts';
import { postJson } from '../post-json.ts';
import type { LinkSettings } from '../write-message.ts';
import { type AlertmanagerAlert, alertmanagerAlert } from './alertmanager-alert.ts';

/** Resolved alerts are sent again for so long, for a member that was down; as Prometheus does. */
const REPEAT_RESOLVED_MS = 15 * 60_000;
/** What was over before it could be told fires for so long, or Alertmanager would tell nobody. */
const MISSED_FIRES_MS = 120_000;
const TEST_FIRES_MS = 60_000;
const POST_TIMEOUT_MS = 10_000;
const MAX_ALERTS = 500;
/** Requests to one member that hang or wait at most. */
const MAX_REQUESTS = 3;

interface Member {
  url: string;
  /** What people see of the address. */
  shown: string;
  requests: number;
  last: Promise<unknown>;
}

/**
 * Makes the way out to Prometheus Alertmanager (API v2). Every member of a pair gets everything, as
 * they tell each other what was notified but not which alerts there are. One that has it is enough for
 * a notice; one that was down gets it with the next {@link NotificationChannel.refresh}.
 *
 * @param now - the clock, epoch ms UTC
 */
export function createAlertmanagerChannel(
  settings: AlertmanagerSettings,
  links: LinkSettings,
  now: () => number = Date.now,
): NotificationChannel {
  const { name: channel } = settings;
  const members = settings.urls.map((url): Member => {
    const { protocol, host } = new URL(url);
    return { url, shown: `${protocol}//${host}`, requests: 0, last: Promise.resolve() };
  });
  const secrets = settings.authorization === null ? [] : secretsOf(settings.authorization);
  const resolved = new Map<string, { notice: AlertNotice; at: number }>();

  /** In order at each member, so that what is over does not begin to fire again. */
  function post(member: Member, alerts: readonly AlertmanagerAlert[], signal: AbortSignal) {
    if (member.requests >= MAX_REQUESTS) {
      throw maskedError('NOTIFICATION_FAILED', {
        channel,
        problem: `${member.shown} has not answered yet`,
      });
    }
    member.requests += 1;
    const posted = turnOf(member.last, signal).then(() =>
      postJson({
        channel,
        url: `${member.url}/api/v2/alerts`,
        body: JSON.stringify(alerts),
        headers: settings.authorization === null ? {} : { authorization: settings.authorization },
        secrets,
        signal: AbortSignal.any([signal, AbortSignal.timeout(POST_TIMEOUT_MS)]),
      }),
    );
    const ended = () => {
      member.requests -= 1;
    };
    const before = member.last;
    member.last = posted.then(ended, ended).then(() => before);
    return posted;
  }

  async function postTo(member: Member, alerts: readonly AlertmanagerAlert[], signal: AbortSignal) {
    try {
      const { status } = await post(member, alerts, signal);
      return `${member.shown}: HTTP ${status}`;
    } catch (thrown) {
      const error = asBreakwatchError(thrown);
      throw members.length === 1
        ? error
        : maskedError(
            error.code === 'NOTIFICATION_REFUSED' ? 'NOTIFICATION_REFUSED' : 'NOTIFICATION_FAILED',
            { ...error.details, problem: `${member.shown}: ${error.details.problem ?? ''}` },
          );
    }
  }

  /** What was told before a severity rose is told under its old labels as well, until it is over. */
  function inLabelSets<T extends Pick<AlertNotice, 'alert'>>(notified: T): T[] {
    return labelSetsFor(notified.alert, (labels) => passesFilter(settings.filter, labels)).map(
      ({ labels, runbook }) => ({ ...notified, alert: { ...notified.alert, labels, runbook } }),
    );
  }

  function write(notice: AlertNotice): AlertmanagerAlert[] {
    const { kind, missed, test, alert } = notice;
    const at = now();
    const firesUntil = test
      ? at + TEST_FIRES_MS
      : missed
        ? at + MISSED_FIRES_MS
        : at + settings.endAfterMs;
    const isOver = kind === 'resolve' && !missed && !test;
    const endsAt = isOver ? Math.min(alert.resolvedAt ?? at, at) : firesUntil;
    // Nobody was told of what was missed, so one is enough.
    const labelSets = missed || test ? [notice] : inLabelSets(notice);
    return labelSets.map((labelSet) => alertmanagerAlert(labelSet, settings, links, endsAt, at));
  }

  return {
    name: channel,

    async send(notices, signal) {
      for (const notice of notices) {
        if (notice.kind === 'resolve' && !notice.missed && !notice.test) {
          resolved.set(notice.alert.id, { notice, at: now() });
        } else {
          resolved.delete(notice.alert.id);
        }
      }
      // A test ends by itself: resolved at once, Alertmanager would tell nobody.
      const notified = notices.filter(({ test, kind }) => !(test && kind === 'resolve'));
      if (notified.length === 0) {
        return `ends by itself within ${TEST_FIRES_MS / 1_000} s`;
      }
      const alerts = notified.flatMap(write);
      const posts = members.map((member) => postTo(member, alerts, signal));
      try {
        return notices.some(({ test }) => test)
          ? (await Promise.all(posts)).join('; ')
          : await Promise.any(posts);
      } catch (thrown) {
        throw thrown instanceof AggregateError ? worstOf(thrown.errors, channel) : thrown;
      }
    },

    async refresh(firing, signal) {
      const at = now();
      for (const [id, { at: since }] of resolved) {
        if (at - since > REPEAT_RESOLVED_MS) {
          resolved.delete(id);
        }
      }
      const wanted = firing.filter(
        ({ id, notified }) =>
          !resolved.has(id) && (notified.page !== null || settings.sendInhibited),
      );
      const alerts = [
        ...wanted.flatMap((alert) => alertsOf(alert, at)),
        ...[...resolved.values()].flatMap(({ notice }) => write(notice)),
      ];
      const sent = members.map(async (member) => {
        for (let from = 0; from < alerts.length; from += MAX_ALERTS) {
          await postTo(member, alerts.slice(from, from + MAX_ALERTS), signal);
        }
      });
      const failed = (await Promise.allSettled(sent)).flatMap((result) =>
        result.status === 'rejected' ? [result.reason] : [],
      );
      if (failed.length > 0) {
        throw worstOf(failed, channel);
      }
    },
  };

  function alertsOf(alert: AlertInstance, at: number): AlertmanagerAlert[] {
    const notice = { kind: 'page', at: alert.notified.page ?? at, alert } as const;
    return inLabelSets(notice).map((labelSet) =>
      alertmanagerAlert(labelSet, settings, links, at + settings.endAfterMs, at),
    );
  }
}

/** Resolves when it is somebody's turn, or when the time for it is over. */
function turnOf(before: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    before.then(() => resolve());
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** One that may work later outweighs one that will not. */
function worstOf(errors: readonly unknown[], channel: string): BreakwatchError {
  const all = errors.map(asBreakwatchError);
  const again = all.find(({ code }) => code !== 'NOTIFICATION_REFUSED') ?? all[0];
  const problem = all.map(({ details, message }) => details.problem ?? message).join('; ');
  return again?.code === 'NOTIFICATION_REFUSED'
    ? maskedError('NOTIFICATION_REFUSED', { channel, problem })
    : maskedError('NOTIFICATION_FAILED', {
        ...again?.details,
        channel,
        problem,
      });
}

/** `Basic …` holds user and password once more in Base64. */
function secretsOf(authorization: string): string[] {
  const [scheme, value = ''] = authorization.split(' ');
  const plain = scheme === 'Basic' ? Buffer.from(value, 'base64').toString('utf8') : '';
  return [authorization, value, plain, plain.slice(plain.indexOf(':') + 1)].filter(
    (text) => text.length >= 4,
  );
}
