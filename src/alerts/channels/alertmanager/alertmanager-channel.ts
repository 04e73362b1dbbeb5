import { type AlertInstance, labelSetsFor } from '../../../model/alert.ts';
import type { BreakwatchError } from '../../../model/errors.ts';
import type { AlertNotice, NotificationChannel } from '../../../model/notice.ts';
import { asBreakwatchError, maskedError } from '../../../secrets/masked-error.ts';
import type { AlertmanagerSettings } from '../../alert-settings.ts';
import { passesFilter } from '../../passes-filter.ts';
import { postJson } from '../post-json.ts';
import { type AlertmanagerAlert, alertmanagerAlert } from './alertmanager-alert.ts';

/** Resolved alerts are re-sent for this long, for a member that was down; as Prometheus does. */
const REPEAT_RESOLVED_MS = 15 * 60_000;
/** An alert that ended before its page fires for this long; else Alertmanager would not notify. */
const MISSED_FIRES_MS = 120_000;
const TEST_FIRES_MS = 60_000;
const POST_TIMEOUT_MS = 10_000;
const MAX_ALERTS = 500;
/** Maximum requests to one member that hang or wait. */
const MAX_REQUESTS = 3;

interface Member {
  url: string;
  /** The address without path and credentials, for messages. */
  shown: string;
  requests: number;
  last: Promise<unknown>;
}

/**
 * Creates the channel to Prometheus Alertmanager (API v2). Every member of a cluster gets all alerts, as
 * members share notifications but not alerts. A notice is delivered when one member has it; a member
 * that was down gets it with the next {@link NotificationChannel.refresh}.
 *
 * @param publicUrl - Breakwatch's address as a browser reaches it, for links; null for no links
 * @param now - the clock, epoch ms UTC
 */
export function createAlertmanagerChannel(
  settings: AlertmanagerSettings,
  publicUrl: string | null,
  now: () => number = Date.now,
): NotificationChannel {
  const { name: channel } = settings;
  const members = settings.urls.map((url): Member => {
    const { protocol, host } = new URL(url);
    return { url, shown: `${protocol}//${host}`, requests: 0, last: Promise.resolve() };
  });
  const secrets = settings.authorization === null ? [] : secretsOf(settings.authorization);
  const resolved = new Map<string, { notice: AlertNotice; at: number }>();

  /** In order at each member, so that a resolved alert does not start to fire again. */
  function post(member: Member, alerts: readonly AlertmanagerAlert[], signal: AbortSignal) {
    if (member.requests >= MAX_REQUESTS) {
      throw maskedError('NOTIFICATION_FAILED', {
        channel,
        problem: `${member.shown} has not answered earlier requests`,
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

  /** An alert whose severity rose keeps its old labels as well until it is resolved. */
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
    // A missed alert has no earlier labels that any receiver knows.
    const labelSets = missed || test ? [notice] : inLabelSets(notice);
    return labelSets.map((labelSet) =>
      alertmanagerAlert(labelSet, settings, publicUrl, endsAt, at),
    );
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
      // The test alert expires: resolved at once, Alertmanager would not notify.
      const notified = notices.filter(({ test, kind }) => !(test && kind === 'resolve'));
      if (notified.length === 0) {
        return `the test alert expires within ${TEST_FIRES_MS / 1_000} s`;
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
    const { id } = alert;
    const notice: AlertNotice = { id, kind: 'page', at: alert.notified.page ?? at, alert };
    return inLabelSets(notice).map((labelSet) =>
      alertmanagerAlert(labelSet, settings, publicUrl, at + settings.endAfterMs, at),
    );
  }
}

/** Resolves when the earlier requests have ended, or when the signal aborts. */
function turnOf(before: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    before.then(() => resolve());
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** An error that may go away outweighs a refusal, so that the notice is tried again. */
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

/** `Basic …` also holds user and password in Base64. */
function secretsOf(authorization: string): string[] {
  const [scheme, value = ''] = authorization.split(' ');
  const plain = scheme === 'Basic' ? Buffer.from(value, 'base64').toString('utf8') : '';
  return [authorization, value, plain, plain.slice(plain.indexOf(':') + 1)].filter(
    (text) => text.length >= 4,
  );
}
