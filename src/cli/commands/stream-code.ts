import { Argument, type Command } from 'commander';
import {
  computeStreamCode,
  playUrls,
  STREAM_TYPES,
  type StreamType,
} from '../../css/push-url/index.ts';

/** Adds `breakwatch stream-code BIZID ROOM USER [main|aux]`, which computes a user's stream code. */
export function addStreamCode(program: Command): void {
  program
    .command('stream-code')
    .description(
      'Compute the stream code of a user in a room (bypass live), BIZID_MD5(room_user_type), and its play URLs.',
    )
    .argument('<bizid>', 'BIZID of the account, shown at the top of the CSS console')
    .argument('<room>', 'room number')
    .argument('<user>', 'user name')
    .addArgument(
      new Argument('[type]', 'main: camera, aux: shared screen')
        .choices(STREAM_TYPES)
        .default('main'),
    )
    .option('--play-domain <domain>', 'play domain (default: BIZID.liveplay.myqcloud.com)')
    .option('--app <name>', 'AppName', 'live')
    .option('--json', 'print JSON')
    .action(
      (
        bizid: string,
        room: string,
        user: string,
        type: StreamType,
        options: { playDomain?: string; app: string; json?: boolean },
      ) => {
        const streamCode = computeStreamCode(bizid, room, user, type);
        const urls = playUrls(streamCode, options.playDomain, options.app);
        process.stdout.write(
          options.json
            ? `${JSON.stringify({ streamCode, ...urls })}\n`
            : `${[streamCode, urls.rtmp, urls.flv, urls.hls].join('\n')}\n`,
        );
      },
    );
}
