import type { AlertInstance, AlertText } from './alert.ts';
import type { Forewarning } from './forewarning.ts';
import { LANGUAGES, type Language } from './vocabulary.ts';

type Texts = AlertInstance['texts'];
type Words = Omit<AlertText, 'card'>;

/** Puts words into the form of a card, in every language. */
function inAllLanguages(words: Record<Language, Words>): Texts {
  return Object.fromEntries(
    LANGUAGES.map((language) => {
      const { title, cause, doNow } = words[language];
      const [why, next] = LABELS[language];
      const card = `**${title}**  \n**${why}:** ${cause}  \n**${next}:** ${doNow}`;
      return [language, { title, cause, doNow, card }];
    }),
  );
}

const LABELS: Record<Language, [string, string]> = {
  en: ['Why', 'Do now'],
  zh: ['原因', '立即处理'],
  ja: ['原因', '今すること'],
  ko: ['원인', '지금 할 일'],
};

/** Texts of the alert that collection is down for an account. */
export function blindTexts(account: string): Texts {
  return inAllLanguages({
    en: {
      title: `Collection is down for account ${account}`,
      cause: 'No poll of the CSS API has succeeded for one minute, so Breakwatch may miss breaks.',
      doNow: 'Read the error of this account in the health check of Breakwatch, and correct it.',
    },
    zh: {
      title: `账号 ${account} 的断流采集已中断`,
      cause: '已有 1 分钟没有成功轮询 CSS API，断流可能被遗漏。',
      doNow: '在 Breakwatch 的健康检查中查看该账号的错误并修复。',
    },
    ja: {
      title: `アカウント ${account} の切断情報を収集できていません`,
      cause: 'CSS API のポーリングが 1 分間成功しておらず、切断を見逃す可能性があります。',
      doNow: 'Breakwatch のヘルスチェックでこのアカウントのエラーを確認し、修正してください。',
    },
    ko: {
      title: `계정 ${account}의 중단 정보를 수집하지 못함`,
      cause: 'CSS API 폴링이 1분 동안 성공하지 않아 중단을 놓칠 수 있습니다.',
      doNow: 'Breakwatch 상태 점검에서 이 계정의 오류를 확인하고 해결하세요.',
    },
  });
}

/** Texts of the alert that, by the API, an account cannot push. */
export function serviceTexts(account: string, service: 'arrears' | 'stopped'): Texts {
  const inArrears = service === 'arrears';
  return inAllLanguages({
    en: {
      title: `Account ${account}: ${inArrears ? 'overdue payments' : 'CSS service stopped'}`,
      cause: `The CSS API reports that ${inArrears ? 'the account has overdue payments' : 'the service is stopped'}, so all pushes break or will break.`,
      doNow: inArrears
        ? 'Top up the account in the Tencent Cloud console.'
        : 'Restart the CSS service in the Tencent Cloud console, after topping up if needed.',
    },
    zh: {
      title: `账号 ${account}：${inArrears ? '已欠费' : '直播服务已停'}`,
      cause: `CSS API 返回该账号${inArrears ? '已欠费' : '服务已停止'}，所有推流都会被中断。`,
      doNow: inArrears
        ? '在腾讯云控制台为账号充值。'
        : '在腾讯云控制台恢复直播服务，必要时先充值。',
    },
    ja: {
      title: `アカウント ${account}：${inArrears ? '支払い延滞' : 'CSS サービス停止'}`,
      cause: `CSS API によると、このアカウントは${inArrears ? '支払い延滞' : 'サービス停止'}の状態で、すべてのプッシュが切断されます。`,
      doNow: inArrears
        ? 'Tencent Cloud コンソールでチャージしてください。'
        : 'Tencent Cloud コンソールで CSS サービスを再開してください（必要ならチャージ後）。',
    },
    ko: {
      title: `계정 ${account}: ${inArrears ? '요금 연체' : 'CSS 서비스 정지'}`,
      cause: `CSS API에 따르면 이 계정은 ${inArrears ? '요금 연체' : '서비스 정지'} 상태이며 모든 푸시가 끊깁니다.`,
      doNow: inArrears
        ? 'Tencent Cloud 콘솔에서 계정을 충전하세요.'
        : 'Tencent Cloud 콘솔에서 CSS 서비스를 다시 시작하세요. 필요하면 먼저 충전하세요.',
    },
  });
}

/** Texts of the alert that the next reconnect of live pushes will fail. */
export function forewarningTexts({ domain, streams, examples, firstAt }: Forewarning): Texts {
  const at = `${new Date(firstAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const names = examples.join(', ') + (streams > examples.length ? ', …' : '');
  return inAllLanguages({
    en: {
      title: `The next reconnect would fail: ${streams} live ${streams === 1 ? 'push' : 'pushes'} on ${domain}`,
      cause: `Their push URLs expire (${names}; the first at ${at}). They stay live until the link breaks.`,
      doNow: 'Sign new push URLs (txTime 12 to 24 hours ahead) and set them in the encoders.',
    },
    zh: {
      title: `下次重连将失败：${domain} 的 ${streams} 路推流`,
      cause: `推流地址已过期或即将过期（${names}；最早 ${at}）。链路一旦中断便无法重连。`,
      doNow: '重新签发推流地址（txTime 为 12–24 小时后）并下发给编码器。',
    },
    ja: {
      title: `次の再接続は失敗します：${domain} の配信中 ${streams} 本`,
      cause: `プッシュ URL が期限切れになります（${names}、最初は ${at}）。回線が一度切れるまでは配信が続きます。`,
      doNow:
        '新しいプッシュ URL（txTime は 12〜24 時間後）を署名し、エンコーダーに設定してください。',
    },
    ko: {
      title: `다음 재연결은 실패합니다: ${domain}의 송출 중 푸시 ${streams}개`,
      cause: `푸시 URL이 만료됩니다(${names}, 처음은 ${at}). 연결이 한 번 끊기기 전까지는 송출됩니다.`,
      doNow: '새 푸시 URL(txTime 12~24시간 뒤)을 서명해 인코더에 설정하세요.',
    },
  });
}
