import type { Random } from '../../bench/diagnosis/random.ts';
import { type ChainGroup, type ChainScript, type ChainStep, fill, type Secret } from './chain.ts';

/** One push or refused try that really was. Times are epoch ms UTC. */
export interface PlayedPush {
  group: ChainGroup;
  stream: string;
  ip: string;
  node: string;
  /** Name that CSS gives it. */
  sequence: string;
  /** Expiry of its URL. */
  expiresAt: number;
  secret: Secret;
  startedAt: number;
  /** Null while it is live. */
  endedAt: number | null;
  refused: boolean;
  /** The step that ended it. */
  end: ChainStep | null;
}

/** When OBS Studio tries again, seconds after the break (libobs/obs-output.c: 2 s, × 1.5, with jitter). */
const OBS_TRIES = [2, 5, 9.5, 16, 26, 42, 64, 98, 150, 227, 342, 515, 774, 1164, 1748];
const DAY_S = 86_400;

/** One stream of a chain in the playing. */
interface Player {
  group: ChainGroup;
  stream: string;
  ip: string;
  /** Its place within every spread, 0 to 1. */
  place: number;
  live: PlayedPush | null;
}

/**
 * Plays a chain: all pushes and tries that really happen in it.
 *
 * @param moment0 - epoch ms UTC
 */
export function playChain(script: ChainScript, random: Random, moment0: number): PlayedPush[] {
  const played: PlayedPush[] = [];
  const players = new Map<string, Player[]>();
  for (const [name, group] of Object.entries(script.groups)) {
    players.set(
      name,
      Array.from({ length: group.count }, (_unused, index) => ({
        group,
        stream: fill(group.stream, index + 1),
        ip: fill(group.ip, index + 1),
        place: random.next(),
        live: null,
      })),
    );
  }
  const begin = (player: Player, step: ChainStep, seconds: number, ip = step.ip ?? player.ip) => {
    const { group, stream } = player;
    const index = Number(/\d+$/.exec(stream)?.[0] ?? 1);
    const push: PlayedPush = {
      group,
      stream,
      ip,
      node: step.node ?? fill(group.node, index),
      sequence: String(7_000_000 + played.length),
      expiresAt: moment0 + (step.expiresIn ?? group.expiresIn ?? DAY_S) * 1_000,
      secret: step.secret ?? group.secret ?? 'right',
      startedAt: moment0 + Math.round(seconds * 1_000),
      endedAt: null,
      refused: false,
      end: null,
    };
    played.push(push);
    player.live = push;
    return push;
  };
  const finish = (player: Player, step: ChainStep, seconds: number) => {
    if (!player.live) {
      throw new Error(`${script.id}: ${player.stream} is not live at ${seconds} s`);
    }
    player.live.endedAt = moment0 + Math.round(seconds * 1_000);
    player.live.end = step;
    player.live = null;
  };
  const tryAgain = (wait: number) => wait * (1 + random.next() * 0.03);
  const run: Record<ChainStep['do'], (player: Player, step: ChainStep, at: number) => void> = {
    push: begin,
    break: finish,
    end: finish,
    refuse(player, step, at) {
      for (const wait of step.retry === 'fixed' ? fixedTries(step) : OBS_TRIES.map(tryAgain)) {
        if (step.retry === 'obs' && at + wait > (step.until ?? 0)) {
          break;
        }
        if (at + wait < (step.from ?? Number.NEGATIVE_INFINITY)) {
          continue;
        }
        const push = begin(player, step, at + wait);
        push.refused = true;
        finish(player, step, at + wait);
      }
    },
    flap(player, step, at) {
      for (let turn = 0; turn < (step.times ?? 0); turn += 1) {
        const moment = at + turn * (step.every ?? 0);
        finish(player, step, moment);
        begin(player, step, moment + (step.down ?? 0));
      }
    },
    takeover(player, step, at) {
      for (let turn = 0; turn < (step.times ?? 0); turn += 1) {
        const moment = at + turn * (step.every ?? 0) + random.next();
        finish(player, step, moment);
        begin(player, step, moment, turn % 2 === 0 ? step.otherIp : player.ip);
      }
    },
    loop(player, step, at) {
      let moment = at;
      for (let turn = 0; turn < (step.times ?? 0); turn += 1) {
        begin(player, step, moment);
        moment += step.liveFor ?? 0;
        finish(player, step, moment);
        const [wait = 0, before = 0] = [OBS_TRIES[turn], OBS_TRIES[turn - 1]];
        moment += tryAgain(wait - before);
      }
    },
  };
  for (const step of [...script.timeline].sort((a, b) => a.at - b.at)) {
    for (const player of step.who.flatMap((name) => players.get(name) ?? [])) {
      run[step.do](player, step, step.at + (step.spread ?? 0) * player.place);
    }
  }
  return played;
}

function fixedTries({ every = 0, times = 0 }: ChainStep): number[] {
  return Array.from({ length: times }, (_unused, index) => every * (index + 1));
}
