import type { SampleFinding } from '../push.ts';
import { formatMinutes } from '../time.ts';
import type { Phrasebook } from './card.ts';
import { duration, measured, say, time, withoutStop } from './segments.ts';

/** What CSS measured before a break. */
const SAMPLES: Record<SampleFinding, string> = {
  steady: '直到断流前一切平稳',
  silent: '先是平稳，随后没有数据到达',
  uplink: '断流前码率下降、时间戳落后，像是上行链路带宽不足',
  lagging: '断流前时间戳落后，像是上行链路拥塞',
  'video-fell': '只有视频下降，同一连接上的音频正常',
  'audio-fell': '只有音频下降，同一连接上的视频正常',
  'all-fell': '断流前视频和音频都下降',
  low: '帧率一直很低',
};

export const zh: Phrasebook = {
  parts: {
    what: '现象',
    since: '开始',
    now: '现状',
    streams: '各路流',
    why: '原因',
    evidence: '证据',
    doNow: '立即处理',
    impact: '影响',
    seenBefore: '历史',
    notSure: '待确认',
  },
  scopes: {
    account: (value) => `账号 ${value}`,
    domain: (value) => `推流域名 ${value}`,
    app: (value) => `应用 ${value}`,
    node: (value) => `接入节点 ${value}`,
    clientNetwork: (value) => `客户端网段 ${value}`,
    stream: (value) => `流 ${value}`,
  },
  states: {
    live: '推流中',
    down: '已断流',
    reconnecting: '重连中',
    flapping: '反复断流',
    recovered: '已恢复',
    ended: '已正常结束',
  },
  comma: '，',
  phrases: {
    oneStream: ({ category, scope }) => say`${category}：仅${scope}`,
    streamsOfScope: ({ category, scope, streams }) => say`${category}：${scope} 下 ${streams} 路流`,
    shareOfScope: ({ category, scope, hit, live }) =>
      say`${category}：${scope} 在推 ${live} 路中的 ${hit} 路`,
    silentSince: ({ at }) => say`约从 ${time(at)} 起已无数据`,
    lasted: ({ ms, since }) => say`已持续 ${duration(ms, since)}`,
    recoveredAfter: ({ ms }) => say`断流 ${duration(ms)}后已恢复`,
    closedSilent: ({ ms }) => say`数小时无人尝试推流，${duration(ms)}后已关闭`,
    downOfStreams: ({ down, streams, ms, since }) =>
      say`${streams} 路中 ${down} 路仍断流，已持续 ${duration(ms, since)}`,
    streamState: ({ stream, state, ms, since }) =>
      since === null
        ? say`${stream} ${state}（中断 ${duration(ms)}）`
        : say`${stream} ${state} ${duration(ms, since)}`,
    moreStreams: ({ count }) => say`另有 ${count} 路`,
    refusedAttempts: ({ count }) => say`${count} 次重推被拒`,
    recentBreaks: ({ count }) => say`10 分钟内断流 ${count} 次`,
    outages: ({ count }) => say`其间共断流 ${count} 次`,
    changesAt: ({ at }) => say`状态将于 ${time(at)} 变化`,
    muted: ({ name }) => say`通知已静默：${name}`,
    cause: ({ text, side, confidence }) => say`${withoutStop(text)}（${side}，${confidence}）。`,
    firstCause: ({ text }) => say`起因：${text}`,
    afterEffects: ({ count }) => say`另有 ${count} 次断流为后续影响`,
    impact: ({ lostMs, streams }) =>
      say`累计断流 ${formatMinutes(lostMs)} 分钟，共 ${streams} 路流`,
    seenBefore: ({ breaks, days }) => say`近 30 天有 ${days} 天出现，共 ${breaks} 次断流`,
    notSeenBefore: () => say`近 30 天未出现`,
    lastFixed: ({ note, by, at }) => say`上次的解决办法：${note}（${by}，${time(at)}）`,
    reasonUnknown: () => say`CSS 给出的原因无法识别`,
    alternate: ({ alternate }) => say`也可能是 ${alternate}`,
    otherCause: ({ cause }) => say`也可能是：${cause}`,
    notChecked: ({ facts }) => say`未核实：${facts.join('，')}`,
    shareUnknown: () => say`其他在推流的数量未知`,
    billButSpared: ({ hit, live }) =>
      say`欠费会使账号的所有推流中断，但 ${live} 路中只有 ${hit} 路中断`,
    placesDiffer: ({ place, count }) =>
      say`该原因针对同一个${{ address: '地址', node: '节点', domain: '域名' }[place]}，但这些流分属 ${count} 个`,
    samplesContradict: ({ samples, fps, kbps, stream }) =>
      say`CSS 的采样${stream === null ? '' : `（${stream}）`}与该原因不符：${SAMPLES[samples]}${measured(fps, kbps, '（', '）')}`,
    blindTitle: ({ account }) => say`账号 ${account} 的断流采集已中断`,
    blindCause: () => say`轮询 CSS API 未能成功，断流可能被遗漏。`,
    blindStep: () => say`在 Breakwatch 的健康检查中查看该账号的错误并修复。`,
    arrearsTitle: ({ account }) => say`账号 ${account}：已欠费`,
    arrearsCause: () => say`CSS API 返回该账号已欠费，所有推流都会被中断。`,
    arrearsStep: () => say`在腾讯云控制台为账号充值。`,
    stoppedTitle: ({ account }) => say`账号 ${account}：直播服务已停`,
    stoppedCause: () => say`CSS API 返回该账号服务已停止，所有推流都会被中断。`,
    stoppedStep: () => say`在腾讯云控制台恢复直播服务，必要时先充值。`,
    forewarningTitle: ({ streams, domain }) => say`下次重连将失败：${domain} 的 ${streams} 路推流`,
    forewarningCause: ({ examples, hasMore, firstAt }) =>
      say`推流地址已过期或即将过期（${examples.join('、')}${hasMore ? ' 等' : ''}；最早 ${time(firstAt)}）。链路一旦中断便无法重连。`,
    forewarningStep: () => say`重新签发推流地址（txTime 为 12–24 小时后）并下发给编码器。`,
    testTitle: () => say`Breakwatch 测试：一切正常`,
    testCause: () => say`本消息用于测试告警能否送达此处。`,
    testStep: () => say`无需处理。真实告警会在这里写明下一步。`,
  },
};
