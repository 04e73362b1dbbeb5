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

/** Words of an alert that nothing can be seen of an account. */
export function blindTexts(account: string): Texts {
  return inAllLanguages({
    en: {
      title: `Nobody is watching account ${account}`,
      cause: 'No poll of the CSS API has succeeded for a minute, so breaks may go unseen.',
      doNow: 'Read the error of the account in the health of Breakwatch, and correct it.',
    },
    zh: {
      title: `账号 ${account} 当前无人监看`,
      cause: '一分钟内没有一次 CSS API 轮询成功，断流可能未被发现。',
      doNow: '在 Breakwatch 的健康状态中查看该账号的错误并修复。',
    },
    ja: {
      title: `アカウント ${account} は監視できていません`,
      cause: 'CSS API のポーリングが 1 分間成功しておらず、切断を見逃す可能性があります。',
      doNow: 'Breakwatch のヘルスでこのアカウントのエラーを確認し、修正してください。',
    },
    ko: {
      title: `계정 ${account}을(를) 아무도 지켜보지 않음`,
      cause: 'CSS API 폴링이 1분 동안 성공하지 않아 중단을 놓칠 수 있습니다.',
      doNow: 'Breakwatch 상태에서 이 계정의 오류를 확인하고 고치세요.',
    },
  });
}

/** Words of an alert that an account can not push, as the API says. */
export function serviceTexts(account: string, service: 'arrears' | 'stopped'): Texts {
  const inArrears = service === 'arrears';
  return inAllLanguages({
    en: {
      title: `Account ${account}: ${inArrears ? 'in arrears' : 'CSS service stopped'}`,
      cause: `The CSS API says that ${inArrears ? 'the account is in arrears' : 'the service is stopped'}, so every push is or will be cut.`,
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
      title: `アカウント ${account}：${inArrears ? '料金未払い' : 'CSS サービス停止'}`,
      cause: `CSS API によると、このアカウントは${inArrears ? '料金未払い' : 'サービス停止'}で、すべてのプッシュが切断されます。`,
      doNow: inArrears
        ? 'Tencent Cloud コンソールでチャージしてください。'
        : 'Tencent Cloud コンソールで CSS サービスを再開してください（必要ならチャージ後）。',
    },
    ko: {
      title: `계정 ${account}: ${inArrears ? '요금 미납' : 'CSS 서비스 중지'}`,
      cause: `CSS API에 따르면 이 계정은 ${inArrears ? '요금 미납' : '서비스 중지'} 상태이며 모든 푸시가 끊깁니다.`,
      doNow: inArrears
        ? 'Tencent Cloud 콘솔에서 계정을 충전하세요.'
        : 'Tencent Cloud 콘솔에서 CSS 서비스를 다시 시작하세요. 필요하면 먼저 충전하세요.',
    },
  });
}

/** Words of an alert that the next reconnect of live pushes will fail. */
export function forewarningTexts({ domain, streams, examples, firstAt }: Forewarning): Texts {
  const at = `${new Date(firstAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const names = examples.join(', ') + (streams > examples.length ? ', …' : '');
  return inAllLanguages({
    en: {
      title: `The next reconnect would fail: ${streams} live ${streams === 1 ? 'push' : 'pushes'} of ${domain}`,
      cause: `txTime of their push URLs ends (${names}; the first at ${at}). They stay live until the link breaks once.`,
      doNow: 'Sign new push URLs (txTime 12 to 24 hours ahead) and give them to the encoders.',
    },
    zh: {
      title: `下次重连将失败：${domain} 的 ${streams} 路在推流`,
      cause: `推流地址的 txTime 即将到期（${names}；最早 ${at}）。链路一旦中断便无法重连。`,
      doNow: '重新签发推流地址（txTime 为 12–24 小时后）并下发给编码器。',
    },
    ja: {
      title: `次の再接続は失敗します：${domain} の配信中 ${streams} 本`,
      cause: `プッシュ URL の txTime が切れます（${names}、最初は ${at}）。回線が一度切れるまでは配信が続きます。`,
      doNow:
        '新しいプッシュ URL（txTime は 12〜24 時間後）を署名し、エンコーダーに設定してください。',
    },
    ko: {
      title: `다음 재연결은 실패합니다: ${domain}의 송출 중 푸시 ${streams}개`,
      cause: `푸시 URL의 txTime이 만료됩니다(${names}, 처음은 ${at}). 연결이 한 번 끊기기 전까지는 송출됩니다.`,
      doNow: '새 푸시 URL(txTime 12~24시간 뒤)을 서명해 인코더에 전달하세요.',
    },
  });
}
