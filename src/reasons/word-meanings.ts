import { plainText } from './normalize-text.ts';
import { cuesOf } from './text-cues.ts';

/**
 * What the words of reason texts mean, in English, Chinese, Japanese and Korean, so that texts of different
 * editions and languages can be compared: "blacklist", 黑名单 and ブラックリスト are one meaning.
 *
 * The order matters: what a pattern takes is taken from the later ones. So longer expressions come first, such as
 * `frame rate` before `frame`.
 */
const MEANINGS: readonly (readonly [meaning: string, ...patterns: RegExp[]])[] = [
  // What to do about a bill. The documents add it to the reason.
  [
    'top-up',
    /\b(?:please )?(?:top up|recharge|make (?:the )?payment|pay)\b(?: (?:your|the) (?:account|balance|bill)(?: balance)?)?(?: promptly| in time| as soon as possible)?(?: to (?:resume|restore) (?:the )?service)?/gu,
    /请(?:您)?(?:及时|尽快|立即|尽早)?(?:充值|缴费|续费|补缴|付款|结清)(?:后使用)?/gu,
    /(?:速やかに|早急に|至急|お早めに)?(?:チャージ|お支払い|入金)(?:して|を)(?:ください|お願いします)/gu,
    /(?:즉시|빨리|신속히|조속히)?\s?충전(?:하시기\s?바랍니다|해\s?주십시오|하십시오|해\s?주세요|하세요)/gu,
  ],
  ['ticket', /\bplease contact us by submitting a ticket\b/gu],
  [
    'expired',
    /\bpast its expir(?:y|ation)(?: time)?\b/gu,
    /(?:已)?(?:超过|超出)有效期/gu,
    /有効期限(?:が)?(?:切れ|過ぎ)(?:て|た)?/gu,
    /유효\s?(?:기간|시간)이?\s?(?:지났|경과|만료)(?:음|습니다)?/gu,
  ],
  // Names of parameters and lists
  [
    'authentication parameter',
    /\btxsecret\b|\b(?:authentication|auth|signature) (?:parameters?|params?)(?: values?)?\b|\bsignatures?\b/gu,
    /鉴权(?:参数|信息|串)|认证参数|签名(?:参数)?/gu,
    /認証パラメータ|署名/gu,
    /인증\s?매개변수|인증\s?파라미터|서명/gu,
  ],
  [
    'expiry parameter',
    /\btxtime\b|\bparameter values? of the expiration time\b|\b(?:expiration|expiry)(?: time)?(?: parameters?| params?)?(?: values?)?\b/gu,
    /(?:过期|到期|失效)时间(?:戳)?(?:的)?(?:参数)?值?|有效期(?:参数)?值?|(?:推流)?时间戳(?:参数)?值?/gu,
    /期限切れ(?:の)?時間(?:の)?(?:パラメータ)?値?|有効期限(?:の)?(?:パラメータ)?値?|タイムスタンプ(?:の)?(?:パラメータ)?値?/gu,
    /만료\s?(?:시간|시각|일시)(?:의)?\s?(?:매개변수|파라미터)?\s?값?|타임스탬프\s?(?:매개변수)?\s?값?|유효\s?(?:기간|시간)/gu,
  ],
  [
    'blocklist',
    /\b(?:black|block|deny)[- ]?list(?:ed|s)?\b/gu,
    /黑名单/gu,
    /ブラックリスト|ブロックリスト|拒否リスト/gu,
    /블랙\s?리스트|블록\s?리스트|차단\s?(?:목록|리스트)/gu,
  ],
  [
    'allowlist',
    /\b(?:white|allow)[- ]?list(?:ed|s)?\b/gu,
    /白名单/gu,
    /ホワイトリスト|許可リスト/gu,
    /화이트\s?리스트|얼로우\s?리스트|허용\s?(?:목록|리스트)/gu,
  ],
  // Parties and places
  [
    'rejected',
    /\b(?:and )?(?:the )?(?:push (?:was |is |has been )?(?:rejected|refused|denied)(?: by the server)?|server (?:rejected|refused|denied) (?:it|the push)|rejected by the server|(?:(?:push|stream) )?cannot (?:be pushed|push))\b/gu,
    /サーバーが(?:プッシュを)?拒否|サーバーに拒否|プッシュが拒否され/gu,
    /(?:服务(?:端|器))?(?:禁止|拒绝|不允许)(?:该)?推流(?!域名|应用)|推流(?:请求)?被(?:服务端|服务器)?拒绝|(?:无法|不能|不可以?)推流/gu,
    /(?:서버(?:가|에서)\s?)?푸시(?:를|가)?\s?거부(?:됨|되었습니다|되었음)?/gu,
  ],
  [
    'third party',
    /\b(?:third|3rd)[- ]?party?\b|\b3rdparty(?=_| )|\bremote(?= auth)/gu,
    /第三方|远程(?=鉴权|认证)/gu,
    /サードパーティ|第三者|リモート(?=認証)/gu,
    /3rd\s?party|제3자|서드\s?파티|타사|원격(?=\s?인증)/gu,
  ],
  ['server', /\bservers?\b/gu, /服务器|服务端/gu, /(?<!css|lvb)サーバー/gu, /서버/gu],
  [
    'proxy',
    /\bproxy(?: layer)?\b/gu,
    /代理(?:层|服务器)?/gu,
    /プロキシ(?:レイヤー|層)?/gu,
    /프록시(?:\s?레이어|\s?계층)?/gu,
  ],
  ['SRS', /\bsrs\b/gu],
  ['RTMP', /\brtmp\b/gu],
  ['AMF', /\bamf\b/gu],
  ['TCP', /\btcp\b/gu],
  [
    'not played',
    /\b(?:it )?(?:is|was|were) not (?:being )?played\b|\bno ?(?:one|body) (?:is|was) (?:playing|watching)(?: it)?\b|\bthat (?:has|had) no (?:viewers?|playback)\b|\bwithout (?:any )?(?:viewers?|playback)\b/gu,
    /(?:没有|无|没)(?:人)?(?:播放|观看|拉流)|未(?:被)?播放/gu,
    /未再生|(?<!正常に)再生されて(?:い)?(?:ない|ません)|再生がない/gu,
    /재생이\s?없|재생되지\s?않|재생하는\s?사람이\s?없/gu,
  ],
  [
    'no data',
    /\b(?:(?:receiving|carr(?:ies|ied|ying)|sen(?:ds|t|ding)|ha(?:s|d)) )?no (?:stream )?data(?: (?:was|is|has been|being) (?:generated|received|sent|pushed))?\b|\bwithout (?:any )?data\b|\bdid not (?:generate|send|carry) (?:any )?data\b/gu,
    /(?:无|没有?|未收到|未发送|没有收到)(?:任何|推流|流)*数据|空数据/gu,
    /データの?(?:ない|なし)|データが(?:な(?:い|かった|く)|届か(?:ない|なかった|ず))|空データ/gu,
    /데이터[가이]?\s?없(?:는|음|어|었던|이)?|무데이터/gu,
  ],
  [
    'long time',
    /\b(?:for |after )?an? (?:long|prolonged|extended) (?:period(?: of time)?|time)\b/gu,
    /(?:较|很)?长时间|长期|持续/gu,
    /長時間|長い間/gu,
    /장시간|오랫동안|오랜\s?시간/gu,
  ],
  [
    'customer information',
    /\b(?:user|customer|account|client)(?: |'s )?(?:information|info)\b/gu,
    /(?:用户|客户|账号|账户)(?:的)?信息/gu,
    /(?:クライアント|顧客|ユーザー|お客様)(?:の)?情報/gu,
    /(?:사용자|고객)\s?정보/gu,
  ],
  [
    'push client',
    /\bpush(?:ing)? clients?(?:'s)?\b/gu,
    /推流(?:的)?客户端|推流端/gu,
    /プッシュ(?:側の)?クライアント/gu,
    /푸시\s?(?:스트리밍\s?|스트림\s?)?클라이언트/gu,
  ],
  [
    'stream name',
    /\b(?:the )?(?:same )?stream ?names?\b|\bnames? of the (?:pushed? )?streams?\b|\bstream ids?\b|\bpush(?:ed)? (?:stream )?names?\b/gu,
    /同名(?:的)?(?:推)?流|(?:同一)?(?:推流)?(?:的)?流(?:的)?名称?|流\s?id/gu,
    /(?:同じ|1つの)?(?:(?:プッシュ)?ストリーム(?:の)?名|streamname)/gu,
    /(?:같은|동일한)?\s?스트림\s?(?:이름|명)/gu,
  ],
  ['AppName', /\bappname\b/gu],
  [
    'app',
    /\bapp(?:lication)? ?names?\b|\bapplications?\b|\bapps?\b/gu,
    /应用(?:名称?)?/gu,
    /アプリ(?:ケーション)?(?:の)?名?/gu,
    /애플리케이션(?:\s?(?:이름|명))?|앱\s?(?:이름|명)?/gu,
  ],
  [
    'domain',
    /\bdomains?(?: names?)?\b/gu,
    /域名/gu,
    /ドメイン名?/gu,
    /도메인(?:\s?(?:이름|명))?/gu,
  ],
  [
    'channel mode',
    /\bchannel mode\b/gu,
    /频道模式/gu,
    /チャネルモード|チャンネルモード/gu,
    /채널\s?모드/gu,
  ],
  ['channel', /\bchannels?\b/gu, /频道/gu, /チャネル|チャンネル/gu, /채널/gu],
  [
    'via',
    /\b(?:using|via|by|with)(?= (?:an? |the )?ip\b)|\bdirectly\b/gu,
    /(?:直接)?(?:使用|通过|用)(?=\s?ip)|直接/gu,
    /を?直接|(?<=アドレス)(?:を使用した|による)/gu,
    /직접|사용한|(?<=주소)로(?=\s?직접)/gu,
  ],
  [
    'IP',
    /\bips?(?: address(?:es)?)?\b/gu,
    /\bip\s?地址/gu,
    /\bip\s?アドレス/gu,
    /\bip\s?주소/gu,
    /ip/gu,
  ],
  ['network', /\bnetworks?\b/gu, /网络/gu, /ネットワーク/gu, /네트워크/gu],
  ['lower', /\blower(?= priorit(?:y|ies)\b)/gu],
  [
    'priority',
    /\bpriorit(?:y|ies)\b/gu,
    /优先级(?:别)?/gu,
    /優先度|優先順位|プライオリティ/gu,
    /우선\s?순위/gu,
  ],
  [
    'lower',
    /\b(?:is )?lower than\b/gu,
    /低于/gu,
    /(?:を|より)?下回って|より低(?:い|く)/gu,
    /보다\s?낮/gu,
  ],
  ['internal', /\binternal\b/gu, /内部/gu, /内部/gu, /내부/gu],
  [
    'unknown',
    /\bunknown\b|\bundetermined\b/gu,
    /未知|不明|不详|不清楚/gu,
    /不明|未知/gu,
    /알\s?수\s?없(?:는|음)|불명/gu,
  ],
  ['reason', /\b(?:reasons?|causes?)\b/gu, /原因|理由/gu, /原因|理由/gu, /원인|이유|사유/gu],
  // Numbers and limits
  [
    'frame rate',
    /\bframe ?rates?\b|\bfps\b/gu,
    /帧率(?:大小)?/gu,
    /フレームレート(?:サイズ)?/gu,
    /프레임\s?(?:레이트|률|속도)/gu,
  ],
  ['frame', /\bframes?\b|(?<=\| )messages?\b/gu, /帧/gu, /フレーム/gu, /프레임/gu],
  ['single', /\bsingle\b|\bone(?= frame)/gu, /单个?|单一/gu, /単独(?:の)?|単一(?:の)?/gu, /단일/gu],
  ['size', /\bsizes?\b/gu, /大小|体积/gu, /サイズ/gu, /크기|사이즈/gu],
  [
    'too many',
    /\b(?:(?:is |are )?exceed(?:s|ed|ing)?|reach(?:es|ed)?(?= (?:the|its) (?:maximum|limit|upper|configured|allowed))|(?:is )?(?:above|over|greater than|larger than|large than|too (?:large|many|big|high))|ha(?:s|ve) been reached)(?: 1 ?mb?)?\b/gu,
    /超过|超出|超限|超过了|大于|多于|已?达到?|过大|过多|过高/gu,
    /を?(?:超過し?|超えて?)|に達し/gu,
    /초과|도달|넘(?:었습니다|었음|음)|너무\s?(?:큼|많음)/gu,
  ],
  [
    'limit',
    /\b(?:the )?(?:upper |configured |allowed |system )?limits?\b|\b(?:the )?maximum(?: (?:values?|sizes?))?(?: (?:that is |that can be )?(?:allowed|permitted|pushed))?(?: (?:by|in|for) (?:the )?(?:configuration|system|settings|push))?\b|\ballowed (?:for|by)\b|\bthat can be pushed\b/gu,
    /(?:系统|配置|平台|规定)?(?:所)?(?:允许|设定|设置)?的?(?:最大值|上限|限制|限额|最大限制|最大数量)/gu,
    /(?:設定|システム)?(?:で|に)?(?:許(?:可)?(?:され(?:ている|た|る)?|する|す)?)?(?:上限|最大値|制限)値?/gu,
    /(?:설정|시스템)?(?:에|에서)?\s?(?:허용된|허용되는|허용)?\s?(?:최대값|최댓값|최대\s?허용치|최대치|상한|한도|제한)/gu,
  ],
  [
    'number',
    /\b(?:the )?(?:current )?numbers? of\b|\bcounts? of\b|\bconcurrent\b/gu,
    /条数|路数|数量|个数|总数|并发数|(?<=推流)数(?!据)/gu,
    /(?<=プッシュ|ストリーム)数|の数/gu,
    /(?<=스트림|스트리밍|푸시)\s?수(?=[가는이를\s])|개수/gu,
  ],
  // What happened
  ['forced', /\bforc(?:ed|ibly)\b/gu, /强制/gu, /強制(?:的に)?/gu, /강제(?:로)?/gu],
  [
    'overdue',
    /\b(?:(?:an |any )?(?:overdue|outstanding|unpaid) (?:payments?|bills?|balance|fees?)|overdue|arrears|unpaid)\b/gu,
    /欠费|欠款|余额不足|逾期未(?:付|缴)|账单逾期|欠缴/gu,
    /(?:支払い|料金)(?:[のが])?(?:延滞|遅延|滞納|未払い)|滞納|延滞|未払い|残高不足/gu,
    /(?:요금이?\s?)?(?:연체(?:되어|로|됨)?|미납(?:으로|되어)?|체납|잔액\s?부족)/gu,
  ],
  [
    'forbid push',
    /\b(?:playback|stream|push)[- ](?:forbidding|banning)\b|\bforbid(?:ding)? the (?:playback|stream|push)\b|\bstream ban\b/gu,
    /再生禁止|配信禁止|プッシュ禁止/gu,
    /禁播|禁推|禁止(?:直播|推流)/gu,
    /(?:재생|송출|스트리밍)\s?금지/gu,
  ],
  [
    'forbid',
    /\bin (?:a )?forbidden (?:status|state)\b|\b(?:forbidden|banned|prohibited)\b/gu,
    /(?:の)?使用[がを]禁止(?:され|した)?|使用禁止/gu,
    /封禁|禁用|禁止/gu,
    /금지/gu,
  ],
  [
    'disable',
    /\b(?:disabled?|suspended|deactivated|blocked|turned off|shut down)\b/gu,
    /关停|停服|停用|暂停|停机|冻结|关闭/gu,
    /一時停止|停止され|閉じられ|無効(?:に|化(?:され)?)?|利用停止/gu,
    /(?:사용이?\s?)?(?:비활성화|정지|중지|닫혀|닫힘|차단)/gu,
  ],
  [
    'stop',
    /\b(?:stopp(?:ed|ing)|stop|stops|interrupt(?:ed|s|ion)?|disconnect(?:ed|s|ion)?|closed?|closes|terminated?|ended|cut(?: off)?|dropped)\b/gu,
    /断流|断开|中断|停止|掐断|切断|终止|中止|结束|停推|断推/gu,
    /切断|停止|終了|中断|遮断/gu,
    /중단|종료|끊/gu,
  ],
  [
    'replace',
    /\breplac(?:ed?|es|ing|ement)\b|\btaken over\b/gu,
    /顶替|替换|取代|挤掉|挤下线|代替|替代|顶掉|覆盖/gu,
    /置き換(?:え|わ)[らるてま]?|切り替(?:え|わ)|入れ替(?:え|わ)/gu,
    /대체|교체/gu,
  ],
  ['request', /\brequests?\b/gu, /请求/gu, /リクエスト|要求|要請/gu, /요청/gu],
  ['command', /\b(?:commands?|instructions?)\b/gu, /命令|指令/gu, /コマンド|命令|指示/gu, /명령/gu],
  [
    'not recognized',
    /\b(?:cannot|can not|could not|unable to|failed to)(?: be)? (?:recogni[sz]e|identify)d?\b|\b(?:is |was )?(?:unrecogni[sz]ed|not recogni[sz]ed)\b/gu,
    /(?:无法|不能|未能)(?:被)?(?:识别|辨认)|识别不了|识别失败/gu,
    /(?:認識|識別)でき(?:ません|ない)/gu,
    /(?:인식|식별)(?:할\s?수\s?없(?:음|습니다)?|되지\s?않음?|하지\s?못함?|불가)/gu,
  ],
  [
    'illegal characters',
    /\b(?:invalid|illegal|unallowed|disallowed|forbidden|unsupported) characters?\b|\bcharacters? that (?:are|is) not (?:allowed|supported|permitted)\b/gu,
    /(?:非法|不合法|不允许的?|违规|不支持的?)(?:的)?字符/gu,
    /(?:不正な|使用できない|許可されていない|無効な)文字/gu,
    /(?:부적절한|잘못된|허용되지\s?않(?:는|은)|사용할\s?수\s?없는|유효하지\s?않은)\s?문자/gu,
  ],
  [
    'not allowed',
    /\b(?:is|are|was) (?:not (?:allowed|supported|permitted)|disallowed|unsupported)\b/gu,
    /不允许|不支持|不可以|不得|禁止(?=通过|使用)/gu,
    /(?:許可|サポート)されて(?:い)?(?:ません|ない)/gu,
    /불가(?:능)?|(?:허용|지원)(?:되지|하지)\s?않(?:음|습니다)|것은\s?허용되지\s?않습니다/gu,
  ],
  [
    'invalid',
    /\b(?:invalid|illegal|not valid|not legal)\b/gu,
    /不合法|非法|无效/gu,
    /不正(?:な)?|違法|合法ではありません|無効な/gu,
    /불법|올바르지\s?않(?:은|음)|유효하지\s?않(?:은|음)|잘못된/gu,
  ],
  [
    'expired',
    /\b(?:has |is )?(?:expired|out of date|lapsed)\b|\bhas passed\b|\breached the\b/gu,
    /(?:已经?)?(?:过期|到期|失效)|超过有效期|超出有效期/gu,
    /(?:すでに)?(?:期限切れ|期限が(?:過ぎ|切れ)て?|切れて|失効)/gu,
    /만료(?:되었(?:음|습니다)?|됨|됐음|됐습니다)?/gu,
  ],
  [
    'fail',
    /\b(?:fail(?:s|ed|ure)?(?: to (?=get|obtain|retrieve|fetch|pass))?|did not pass|not passed|could not(?= (?:be )?(?:get|got|obtain|retriev|fetch))|cannot(?= (?:be )?(?:get|got|obtain|retriev|fetch))|unable to(?= (?:get|obtain|retrieve|fetch)))\b/gu,
    /失败|不通过|未通过|没有通过|不成功|无法(?=获取|取得)|不正确|有误/gu,
    /失敗(?:し)?|(?:パスして|通過して)い(?:ません|ない)|(?:取得|通過|合格)でき(?:ませんでした|ません|ない|なかった)/gu,
    /실패(?:했습니다|함)?|미통과|통과하지\s?(?:못|않)(?:함|했습니다|음)?|(?<=가져)올\s?수\s?없(?:음|습니다)?/gu,
  ],
  [
    'missing',
    /\b(?:does|did|do) not (?:carry|have|contain|include)\b|\bcarries no\b|\bhas no\b|\bcontains no\b|\b(?:missing|absent)(?: from| in)?\b|\b(?:could|can) ?not be found(?: in| on)?\b|\blacks\b|\b(?:is |was )?not (?:in(?! use\b)|on|included in|listed in|part of)\b|\bnot (?:yet )?(?:been )?created(?: yet)?\b|\bhas been created\b(?<=no \| has been created)|\bno(?= push \|)|\b(?:isn't|is not|is no)(?= (?:a )?push \|)|\bdoes not exist\b|\bwithout\b/gu,
    /未携带|未带|没有?(?:携带|带)?|没有携带|未包含|没有包含|缺少|缺失|不含|未提供|找不到|不属于|不在|未(?:加入|列入|添加)|尚未创建|未创建|还没有创建|不存在/gu,
    /(?:つい|有し|含まれ|掲載され|登録され|作成され|存在し|付い|指定され)て(?:い)?(?:ません|ない)|ありません|がない|が?欠けて(?:います|いる)|がなし/gu,
    /없(?:음|습니다)|누락(?:됨|되었습니다)?|빠져\s?있(?:음|습니다)|(?:포함|등록|추가)되어\s?있지\s?않(?:음|습니다)?|생성(?:하지|되지)\s?않(?:음|았음|았습니다)?|존재하지\s?않(?:음|습니다)?/gu,
  ],
  [
    'error',
    /\b(?:errors?|exceptions?|malformed|incorrect|wrong|abnormal|abnormality|abnormalities|anomal(?:y|ies|ous)|faults?)\b/gu,
    /异常|错误|出错|故障/gu,
    /異常|エラー|障害|誤り|正しくな(?:い|く)/gu,
    /오류|에러|이상|장애|비정상(?:입니다|임)?/gu,
  ],
  [
    'authentication',
    /\b(?:authenticat(?:ion|ing)|auth|verification|verify|check)\b/gu,
    /鉴权|认证|校验|验证|核验/gu,
    /認証|検証|チェック/gu,
    /인증|검증/gu,
  ],
  [
    'get',
    /\b(?:get|got|obtain|retriev(?:e|ed|ing)|fetch)\b/gu,
    /获取|取得|查询/gu,
    /取得/gu,
    /가져오기|가져|조회|획득/gu,
  ],
  ['protocol', /\bprotocols?\b/gu, /协议/gu, /プロトコル/gu, /프로토콜/gu],
  ['content', /\bcontents?\b/gu, /内容/gu, /コンテンツ|内容/gu, /내용|콘텐츠/gu],
  ['data', /\bdata\b/gu, /数据/gu, /データ/gu, /데이터/gu],
  [
    'contain',
    /\b(?:contain|include)(?:s|d|ed|ing)?\b|\b(?:was|were) found in\b/gu,
    /包?含有?|包括/gu,
    /含まれて?/gu,
    /포함|들어\s?있/gu,
  ],
  // Whom and what all reasons are about
  [
    'live service',
    /ライブ(?:ストリーミング|配信)?(?:サービス|システム|サーバー)?|(?:css|lvb)(?:サービス|システム|サーバー)?/gu,
    /\b(?:css|lvb)(?: (?:services?|system))?\b|\blive(?: (?:streaming|video|broadcast(?:ing)?))?(?: (?:services?|system))\b/gu,
    /(?:云|视频|标准)?直播(?:的)?(?:服务|系统)?|css(?:服务|系统)?/gu,
    /라이브(?:\s?(?:방송|스트리밍))?(?:\s?(?:서비스|시스템))?|(?:css|lvb)\s?(?:서비스|시스템)?/gu,
  ],
  [
    'user',
    /\b(?:push )?(?:clients?|hosts?|broadcasters?|streamers?|customers?|users?|vj)(?: end)?(?:'s)?\b/gu,
    /(?:推流)?(?:客户端|客户)|推流端|主播端?|用户/gu,
    /(?:プッシュ)?クライアント|配信者(?:側)?|キャスター|顧客|お客様|ユーザー/gu,
    /(?:호스트\s?)?클라이언트|호스트|고객|사용자|방송자|스트리머/gu,
  ],
  [
    'url',
    /\b(?:urls?|links?|linkage|address(?:es)?|connections?)\b/gu,
    /url|链接|链路|线路|地址|连接/gu,
    /url|リンク(?:先)?|アドレス|接続(?:先)?/gu,
    /url|링크|주소|연결/gu,
  ],
  [
    'push',
    /\b(?:push(?:es|ed|ing)?(?: streams?| streaming)?|streams?|streaming|publish(?:ed|ing)?)\b/gu,
    /推流|推送|(?<!主)流/gu,
    /プッシュ(?:ストリーム)?|ストリーム|配信/gu,
    /푸시(?:\s?(?:스트림|스트리밍))?|스트림|스트리밍|송출|푸싱/gu,
  ],
  ['new', /\bnew(?:er)?\b/gu, /新しい|新規/gu, /新的?/gu, /새로운|새/gu],
  [
    'receive',
    /\breceiv(?:ed?|es|ing)\b/gu,
    /收到|接收到?|接到/gu,
    /受信|受け取|受け(?=まし)/gu,
    /수신|접수|받(?:았|음)?/gu,
  ],
  [
    'parameter',
    /\b(?:parameters?|params?|values?)\b/gu,
    /参数值?/gu,
    /パラメータ(?:値)?/gu,
    /매개변수|파라미터|값/gu,
  ],
  ['account', /\baccounts?(?: balance)?\b/gu, /账号|账户|帐号|帐户/gu, /アカウント/gu, /계정/gu],
  [
    'existing',
    /\b(?:an )?existing(?: one)?\b|\banother(?: one)?\b/gu,
    /(?:已经?)?存在|现有|已有/gu,
    /(?:すでに)?存在する|既存/gu,
    /기존|존재하는/gu,
  ],
];

/** Words without a meaning of their own, long ones first. What is left without them is unknown. */
const FILLERS: readonly RegExp[] = [
  /\b(?:a|an|and|are|as|at|be|because|been|being|but|by|yet|did|do|does|due|for|from|had|has|have|in|into|is|it|its|mode|access|of|on|one|or|our|s|so|system|status|state|t|that|the|there|this|to|used|use|using|was|we|were|which|with|you|your|yours|active|actively|currently|current|corresponding|temporarily|suffered|associated|allowed|belonging|therefore|listed|period|generated|occurs|occurred|exists?|droplivestream|forbidlivestream|platform|services?|same|than|happened)\b/gu,
  /している|しました|なって|すでに|現在|対応|より|から|ため|あなた|自動|システム|呼び出し|サービス|状態|アクセスモード|掲載|および|使用|同じ|です|ました|ます|により|(?<!開)始|先|名|側|(?<=[ァ-ヶー|])用|まだ|でした|発生|ご利用|登録|運営|により|紐づく|指定|可能|として|っ/gu,
  /하는|에서|으로|부터|까지|하여|되어|되었|있음|있습니다|습니다|입니다|합니다|했습니다|되었습니다|현재|해당(?:하는)?|이미|시스템|서비스|상태|액세스|모드|이나|호출한|능동적|자발적|일시적|의해|아직|고객님|허용|설정|이름|사용|발생|이용|등록된?|설정된|상태입니다|사용된|구간|대한/gu,
  /目前|当前|对应|相应|由于|因为|但|接入模式|系统|平台|服务|主动|暂时|临时|允许的|设置|配置|自动|使用|调用|发起|模式|名称|命中|一个|来自|处于|位于|状态|发生|出现|名下|执行|所属|接入|所用|后台|同一|还/gu,
  /[的了已被您该此其和与且中内里在上于为因时而从是层条方由个向]/gu,
  /[はがをにでとのもへやしたてるすいされよう的になりま]/gu,
  /[은는이가을를의에로과와도됨했함임님된음함]/gu,
];

/** A text by its meanings. */
export interface Meaning {
  /** The meanings of its words. */
  known: ReadonlySet<string>;
  /** Whether nothing else is left that means something, or that turns the meaning around. */
  isAllKnown: boolean;
}

const BETWEEN = '|';
const LETTERS = /\p{L}/u;

/** Scripts by which a text's language is told; the first that a pattern has is its own. */
const SCRIPTS = [
  /\p{Script=Hangul}/u,
  /[\p{Script=Hiragana}\p{Script=Katakana}]/u,
  /\p{Script=Han}/u,
  LETTERS,
] as const;
const scriptOf = ({ source }: RegExp) => SCRIPTS.find((script) => script.test(source)) ?? LETTERS;

const PATTERNS = MEANINGS.map(([meaning, ...patterns]) => ({
  meaning,
  patterns: patterns.map((pattern) => ({ pattern, script: scriptOf(pattern) })),
}));

/** Reads what the words of a text mean. @param text - at most some hundred characters */
export function meaningOf(text: string): Meaning {
  let rest = plainText(text).replace(/\s+/gu, ' ');
  const known = new Set<string>();
  const scripts = new Set(SCRIPTS.filter((script) => script.test(rest)));
  for (const { meaning, patterns } of PATTERNS) {
    for (const { pattern, script } of patterns) {
      if (scripts.has(script)) {
        rest = rest.replace(pattern, () => {
          // What is twice missing may be there.
          known.add(meaning === 'missing' && known.has(meaning) ? 'missing twice' : meaning);
          return BETWEEN;
        });
      }
    }
  }
  const isTurned = cuesOf(rest).size > 0;
  for (const filler of FILLERS) {
    rest = rest.replace(filler, ' ');
  }
  return { known, isAllKnown: known.size > 0 && !isTurned && !LETTERS.test(rest) };
}
