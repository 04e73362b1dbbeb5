import type { SampleFinding } from '../push.ts';
import { formatMinutes } from '../time.ts';
import type { Phrasebook } from './card.ts';
import { duration, measured, say, time, withoutStop } from './segments.ts';

const plural = (count: number, one: string, many = `${one}s`) =>
  `${count} ${count === 1 ? one : many}`;

/** What CSS measured before a break. */
const SAMPLES: Record<SampleFinding, string> = {
  steady: 'the stream was steady until the break',
  silent: 'the stream was steady, then no data arrived',
  uplink: 'its rates and timestamps fell behind before the break, as on a weak uplink',
  lagging: 'its timestamps fell behind before the break, as on a congested uplink',
  'video-fell': 'only the video fell; audio held on the same connection',
  'audio-fell': 'only the audio fell; video held on the same connection',
  'all-fell': 'video and audio fell before the break',
  low: 'the frame rate was low all along',
};

export const en: Phrasebook = {
  parts: {
    what: 'What',
    since: 'Since',
    now: 'Now',
    streams: 'Streams',
    why: 'Why',
    evidence: 'Evidence',
    doNow: 'Do now',
    impact: 'Impact',
    seenBefore: 'Seen before',
    notSure: 'Not sure',
  },
  scopes: {
    account: (value) => `account ${value}`,
    domain: (value) => `domain ${value}`,
    app: (value) => `app ${value}`,
    node: (value) => `node ${value}`,
    clientNetwork: (value) => `client network ${value}`,
    stream: (value) => `stream ${value}`,
  },
  states: {
    live: 'LIVE',
    down: 'DOWN',
    reconnecting: 'RECONNECTING',
    flapping: 'FLAPPING',
    recovered: 'RECOVERED',
    ended: 'ENDED',
  },
  comma: ', ',
  phrases: {
    oneStream: ({ category, scope }) => say`${category}: ${scope} only`,
    streamsOfScope: ({ category, scope, streams }) =>
      say`${category}: ${plural(streams, 'stream')} of ${scope}`,
    shareOfScope: ({ category, scope, hit, live }) =>
      say`${category}: ${hit} of ${live} live pushes of ${scope}`,
    silentSince: ({ at }) => say`no data since about ${time(at)}`,
    lasted: ({ ms, since }) => say`for ${duration(ms, since)}`,
    recoveredAfter: ({ ms }) => say`RECOVERED after ${duration(ms)}`,
    closedSilent: ({ ms }) => say`no push attempt for hours, closed after ${duration(ms)}`,
    downOfStreams: ({ down, streams, ms, since }) =>
      say`${down} of ${plural(streams, 'stream')} DOWN after ${duration(ms, since)}`,
    streamState: ({ stream, state, ms, since }) =>
      since === null
        ? say`${stream} ${state} after ${duration(ms)}`
        : say`${stream} ${state} for ${duration(ms, since)}`,
    moreStreams: ({ count }) => say`${count} more`,
    refusedAttempts: ({ count }) => say`${plural(count, 'attempt')} refused`,
    recentBreaks: ({ count }) => say`${plural(count, 'break')} in 10 min`,
    outages: ({ count }) => say`${plural(count, 'outage')} in total`,
    changesAt: ({ at }) => say`state changes at ${time(at)}`,
    muted: ({ name }) => say`notifications muted: ${name}`,
    cause: ({ text, side, confidence }) => say`${withoutStop(text)} (${side}, ${confidence}).`,
    firstCause: ({ text }) => say`First cause: ${text}`,
    afterEffects: ({ count }) => say`${plural(count, 'more break')} followed from this`,
    impact: ({ lostMs, streams }) =>
      say`${formatMinutes(lostMs)} min without a push, ${plural(streams, 'stream')}`,
    seenBefore: ({ breaks, days }) =>
      say`${plural(breaks, 'break')} on ${days} of the last 30 days`,
    notSeenBefore: () => say`not in the last 30 days`,
    lastFixed: ({ note, by, at }) => say`last fixed by: ${note} (${by}, ${time(at)})`,
    reasonUnknown: () => say`the reason from CSS is not known`,
    alternate: ({ alternate }) => say`could also be ${alternate}`,
    otherCause: ({ cause }) => say`could also be: ${cause}`,
    notChecked: ({ facts }) => say`not checked: ${facts.join(', ')}`,
    shareUnknown: () => say`the number of other live pushes is not known`,
    billButSpared: ({ hit, live }) =>
      say`overdue payments stop all pushes of an account, but only ${hit} of ${live} broke`,
    placesDiffer: ({ place, count }) =>
      say`this cause is about one ${place}, but the streams have ${count} different ones`,
    samplesContradict: ({ samples, fps, kbps, stream }) =>
      say`CSS’s samples${stream === null ? '' : ` of ${stream}`} speak against this cause: ${SAMPLES[samples]}${measured(fps, kbps, ' (', ')')}`,
    blindTitle: ({ account }) => say`Collection is down for account ${account}`,
    blindCause: () => say`Polls of the CSS API do not succeed, so Breakwatch may miss breaks.`,
    blindStep: () =>
      say`Read the error of this account in the health check of Breakwatch, and correct it.`,
    arrearsTitle: ({ account }) => say`Account ${account}: overdue payments`,
    arrearsCause: () =>
      say`The CSS API reports that the account has overdue payments, so all pushes break or will break.`,
    arrearsStep: () => say`Top up the account in the Tencent Cloud console.`,
    stoppedTitle: ({ account }) => say`Account ${account}: CSS service stopped`,
    stoppedCause: () =>
      say`The CSS API reports that the service is stopped, so all pushes break or will break.`,
    stoppedStep: () =>
      say`Restart the CSS service in the Tencent Cloud console, after topping up if needed.`,
    forewarningTitle: ({ streams, domain }) =>
      say`The next reconnect would fail: ${plural(streams, 'live push', 'live pushes')} on ${domain}`,
    forewarningCause: ({ examples, hasMore, firstAt }) =>
      say`Their push URLs expire (${examples.join(', ')}${hasMore ? ', …' : ''}; the first at ${time(firstAt)}). They stay live until the link breaks.`,
    forewarningStep: () =>
      say`Sign new push URLs (txTime 12 to 24 hours ahead) and set them in the encoders.`,
    testTitle: () => say`Breakwatch test: nothing is wrong`,
    testCause: () => say`This message checks that alerts arrive here.`,
    testStep: () => say`Nothing. A real alert shows the next step here.`,
  },
};
