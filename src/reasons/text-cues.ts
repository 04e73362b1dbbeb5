import { plainText } from './normalize-text.ts';

/**
 * Words that turn the meaning of a reason text around. They are counted as `not`, so that "is not invalid"
 * differs from both "is invalid" and "is valid".
 */
const NEGATIONS: readonly RegExp[] = [
  /\b(?:not|no|never|none|neither|nor|without|missing|lacks?|lacking|cannot|unable|invalid|illegal|unallowed|unauthorized|unknown|abnormal|errors?|exceptions?|fail(?:s|ed|ing|ure)?|isnt|wasnt|hasnt|didnt|doesnt)\b|n't\b/gu,
  /\b(?:tidak|belum|tanpa|bukan|gagal|kesalahan|pengecualian|tiada)\b/gu,
  /不|未|没|沒|无|非(?=法)|失败|异常|错误|出错|否(?!则)/gu,
  /ない|ません|なく|なけれ|なかっ|せず|ずに|無効|違法|失敗|異常|エラー|なし|無し/gu,
  /않|없|못|불가|불법|미통과|부적절|아니|아닌|아님|아닙|비활성|실패|오류|안\s?됨|올바르지/gu,
];

/**
 * Words of other subjects, of a recovery, of the future and of a condition or question. A wording that has the
 * same word may be meant; all others are not.
 */
const OTHERS: readonly RegExp[] = [
  // Other subjects
  /\b(?:play(?:back|er|ing|ed|s)?|viewers?|watch\w*|audience|record\w*|transcod\w*|snapshots?|screen\s?(?:shots?|cap\w*)|relay\w*|pull\w*|download\w*|upload\w*|cdn|vod|replay\w*|time-?shift\w*|watermark\w*|mix\w*|callbacks?|webhooks?|api|console|certificates?|https|dns|icp|storage|bucket|template|purchas\w*|invoices?|quota|moderation|porn|subtitle\w*|dvr|delay|latency|bitrate|resolution|codec|timestamps?|gop|audio|video)\b/gu,
  /播放|拉流|录制|转码|截图|点播|回放|观看|观众|水印|混流|回调|下载|上传|鉴黄|时移|导播|连麦|证书|备案|模板|存储|延迟|码率|分辨率|编码|音频|视频|控制台|接口|转推|直转/gu,
  /再生|視聴|録画|収録|レコーディング|トランスコード|スクリーンショット|プル|ダウンロード|アップロード|コールバック|vod|透かし|ウォーターマーク|ミックス|タイムシフト|証明書|テンプレート|ストレージ|遅延|ビットレート|解像度|コーデック|音声|映像|ビデオ|オーディオ|コンソール|転送/gu,
  /재생|시청|녹화|트랜스코딩|스크린샷|캡처|풀\s|당기|다운로드|업로드|콜백|vod|워터마크|믹스|혼합|타임\s?시프트|인증서|템플릿|저장|지연|비트레이트|해상도|코덱|오디오|비디오|콘솔|릴레이/gu,
  // Who caused it, and what was measured
  /\b(?:requests?|requested|commands?|3rd\w*|third\w*|frame\s?rates?|fps)\b/gu,
  /请求|命令|第三方|帧率/gu,
  /リクエスト|コマンド|サードパーティ|第三者|レート/gu,
  /요청|명령|3rd|제3자|레이트/gu,
  // Recovery and success
  /\b(?:resum\w*|restor\w*|recover\w*|re-?activat\w*|re-?enabl\w*|enabl\w*|activat\w*|un(?:block|ban|lock|disabl|suspend)\w*|lift\w*|reinstat\w*|renew\w*|succe\w*|pass(?:ed|es|ing)?|normal\w*|healthy|valid|legal|remov\w*|fix\w*|resolv\w*|solv\w*|paid|settled|cleared|extend\w*|start\w*|beg[iau]n\w*|creat\w*|add\w*|connect(?:ed|s)?|reconnect\w*|continu\w*|ongoing|again|back|correct\w*|stable|available|accept\w*|granted|allow(?:s|ed|ing)?|permit\w*|recognized|identified|retriev\w*|obtain\w*|ok|online|open\w*|kept|keeps?|still|ignor\w*|reject\w*|refus\w*|den(?:y|ied)|cancel\w*|withdr\w*|revok\w*)\b/gu,
  /恢复|重新|解除|取消|解封|成功|正常|启用|开启|开通|开播|续费|结清|已缴|修复|解决|通过|移出|移除|撤销|撤回|有效|合法|继续|已创建|已充值|仍|忽略|拒绝|已连接|稳定|充足|允许/gu,
  /再開|復旧|回復|解除|成功|正常|有効(?!期限)|再び|完了|解決|解消|復元|入金|支払い済|削除|開始|継続|続い|取り消|拒否|接続され|安定|許可され|合法|識別され|認識され|作成され/gu,
  /재개|복구|복원|해제|성공|정상|(?<!비)활성화|다시|완료|해결|납부|유효|시작|계속|(?<!미)통과|취소|거부|연결됨|안정|허용|삭제|철회|제외/gu,
  // Future, conditions and questions
  /\b(?:will|would|shall|should|must|soon|about|going|may|might|could|can|if|whether|unless|until|before|after|when|why|how|what|upcoming|scheduled|planned|test\w*|expires|expiring|warning|remind\w*|once|next|previous\w*|yesterday|tomorrow|later|left|remain\w*|nearly|almost|suspected|possibly|please|check|see|learn|guide|maintenance)\b|\?/gu,
  /将|即将|可能|如果|若|是否|请|怎么|如何|为什么|快要|临近|还有|剩余|吗|疑似|计划|提醒|预警|之前|之后|会|几乎|再/gu,
  /もし|場合|かどうか|まもなく|間もなく|可能性|予定|でしょう|なぜ|方法|前に|後に|たら|れば|ますか|ください|警告|残り|注意|そう/gu,
  /경우|만약|예정|곧|여부|수 있|하려면|방법|왜|전에|이후|후에|남았|남음|까지|인가|까요|습니까|바랍니다|경고|면\s/gu,
  // Opposite comparisons
  /\b(?:below|under|within|higher|less|fewer|lower|above|equal|minimum|small\w*|short\w*|old|earlier|same)\b/gu,
  /低于|高于|小于|以内|范围内|最小|相同|旧/gu,
  /以内|未満|上回|下回|最小|同じ|以下|古い/gu,
  /이내|미만|이하|높|낮|최소|같|오래된|기존/gu,
];

/**
 * Finds the words of a text that decide whether it says the same as a similar one.
 *
 * @returns each word with the number of its occurrences; all negations count under `not`
 */
export function cuesOf(text: string): ReadonlyMap<string, number> {
  const plain = plainText(text);
  const cues = new Map<string, number>();
  for (const pattern of NEGATIONS) {
    for (const _match of plain.matchAll(pattern)) {
      cues.set('not', (cues.get('not') ?? 0) + 1);
    }
  }
  for (const pattern of OTHERS) {
    for (const [word] of plain.matchAll(pattern)) {
      cues.set(word, (cues.get(word) ?? 0) + 1);
    }
  }
  return cues;
}
