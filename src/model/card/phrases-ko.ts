import type { SampleFinding } from '../push.ts';
import { formatMinutes } from '../time.ts';
import type { Phrasebook } from './card.ts';
import { duration, measured, say, time, withoutStop } from './segments.ts';

/** What CSS measured before a break. */
const SAMPLES: Record<SampleFinding, string> = {
  steady: '중단 직전까지 안정적이었습니다',
  silent: '안정적이다가 데이터가 오지 않게 되었습니다',
  uplink: '중단 전에 전송률이 떨어지고 타임스탬프가 뒤처져 업링크가 약해 보입니다',
  lagging: '중단 전에 타임스탬프가 뒤처져 업링크가 혼잡해 보입니다',
  'video-fell': '영상만 떨어졌고 같은 연결의 음성은 정상이었습니다',
  'audio-fell': '음성만 떨어졌고 같은 연결의 영상은 정상이었습니다',
  'all-fell': '중단 전에 영상과 음성이 모두 떨어졌습니다',
  low: '프레임률이 내내 낮았습니다',
};

export const ko: Phrasebook = {
  parts: {
    what: '현상',
    since: '시작',
    now: '현재',
    streams: '스트림',
    why: '원인',
    evidence: '근거',
    doNow: '지금 할 일',
    impact: '영향',
    seenBefore: '이력',
    notSure: '확인 필요',
  },
  scopes: {
    account: (value) => `계정 ${value}`,
    domain: (value) => `푸시 도메인 ${value}`,
    app: (value) => `앱 ${value}`,
    node: (value) => `노드 ${value}`,
    clientNetwork: (value) => `클라이언트 네트워크 ${value}`,
    stream: (value) => `스트림 ${value}`,
  },
  states: {
    live: '송출 중',
    down: '중단',
    reconnecting: '재연결 중',
    flapping: '반복 중단',
    recovered: '복구됨',
    ended: '정상 종료',
  },
  comma: ', ',
  phrases: {
    oneStream: ({ category, scope }) => say`${category}: ${scope}만`,
    streamsOfScope: ({ category, scope, streams }) =>
      say`${category}: ${scope}의 스트림 ${streams}개`,
    shareOfScope: ({ category, scope, hit, live }) =>
      say`${category}: ${scope}에서 송출 중이던 ${live}개 중 ${hit}개`,
    silentSince: ({ at }) => say`${time(at)}경부터 데이터 없음`,
    lasted: ({ ms, since }) => say`${duration(ms, since)} 경과`,
    recoveredAfter: ({ ms }) => say`${duration(ms)} 후 복구됨`,
    closedSilent: ({ ms }) => say`몇 시간 동안 푸시 시도가 없어 ${duration(ms)} 후 종료`,
    downOfStreams: ({ down, streams, ms, since }) =>
      say`${streams}개 중 ${down}개 중단, ${duration(ms, since)} 경과`,
    streamState: ({ stream, state, ms, since }) =>
      since === null
        ? say`${stream} ${state}(중단 ${duration(ms)})`
        : say`${stream} ${state} ${duration(ms, since)}`,
    moreStreams: ({ count }) => say`그 외 ${count}개`,
    refusedAttempts: ({ count }) => say`재시도 ${count}회 거부`,
    recentBreaks: ({ count }) => say`10분 동안 ${count}회 중단`,
    outages: ({ count }) => say`그동안 모두 ${count}회 중단`,
    changesAt: ({ at }) => say`${time(at)}에 상태가 바뀔 예정`,
    muted: ({ name }) => say`알림 음소거 중: ${name}`,
    cause: ({ text, side, confidence }) => say`${withoutStop(text)} (${side}, ${confidence}).`,
    firstCause: ({ text }) => say`처음 원인: ${text}`,
    afterEffects: ({ count }) => say`그 밖의 ${count}건은 뒤따른 영향`,
    impact: ({ lostMs, streams }) =>
      say`스트림 ${streams}개, 송출 없이 모두 ${formatMinutes(lostMs)}분`,
    seenBefore: ({ breaks, days }) => say`최근 30일 중 ${days}일, ${breaks}회 중단`,
    notSeenBefore: () => say`최근 30일 동안 없음`,
    lastFixed: ({ note, by, at }) => say`지난번 해결 방법: ${note} (${by}, ${time(at)})`,
    reasonUnknown: () => say`CSS가 알린 이유를 알 수 없음`,
    alternate: ({ alternate }) => say`${alternate}일 수도 있음`,
    otherCause: ({ cause }) => say`다른 가능성: ${cause}`,
    notChecked: ({ facts }) => say`확인하지 못함: ${facts.join(', ')}`,
    shareUnknown: () => say`송출 중인 다른 푸시의 수를 알 수 없음`,
    billButSpared: ({ hit, live }) =>
      say`요금 연체는 계정의 모든 푸시를 중단시키지만 ${live}개 중 ${hit}개만 끊겼습니다`,
    placesDiffer: ({ place, count }) =>
      say`이 원인은 한 ${{ address: '주소', node: '노드', domain: '도메인' }[place]}에 관한 것이지만 스트림은 ${count}곳에 나뉘어 있습니다`,
    samplesContradict: ({ samples, fps, kbps, stream }) =>
      say`CSS 표본${stream === null ? '' : `(${stream})`}은 이 원인과 맞지 않습니다: ${SAMPLES[samples]}${measured(fps, kbps, ' (', ')')}`,
    blindTitle: ({ account }) => say`계정 ${account}의 중단 정보를 수집하지 못함`,
    blindCause: () => say`CSS API 폴링이 성공하지 않아 중단을 놓칠 수 있습니다.`,
    blindStep: () => say`Breakwatch 상태 점검에서 이 계정의 오류를 확인하고 해결하세요.`,
    arrearsTitle: ({ account }) => say`계정 ${account}: 요금 연체`,
    arrearsCause: () => say`CSS API에 따르면 이 계정은 요금 연체 상태이며 모든 푸시가 끊깁니다.`,
    arrearsStep: () => say`Tencent Cloud 콘솔에서 계정을 충전하세요.`,
    stoppedTitle: ({ account }) => say`계정 ${account}: CSS 서비스 정지`,
    stoppedCause: () => say`CSS API에 따르면 이 계정은 서비스 정지 상태이며 모든 푸시가 끊깁니다.`,
    stoppedStep: () =>
      say`Tencent Cloud 콘솔에서 CSS 서비스를 다시 시작하세요. 필요하면 먼저 충전하세요.`,
    forewarningTitle: ({ streams, domain }) =>
      say`다음 재연결은 실패합니다: ${domain}의 송출 중 푸시 ${streams}개`,
    forewarningCause: ({ examples, hasMore, firstAt }) =>
      say`푸시 URL이 만료됩니다(${examples.join(', ')}${hasMore ? ' 등' : ''}, 처음은 ${time(firstAt)}). 연결이 한 번 끊기기 전까지는 송출됩니다.`,
    forewarningStep: () => say`새 푸시 URL(txTime 12~24시간 뒤)을 서명해 인코더에 설정하세요.`,
    testTitle: () => say`Breakwatch 테스트: 문제 없음`,
    testCause: () => say`알림이 여기에 도착하는지 확인하는 메시지입니다.`,
    testStep: () => say`할 일이 없습니다. 실제 알림에서는 여기에 다음 조치가 표시됩니다.`,
  },
};
