/** One row of the documented errcode table: the numeric code and what CSS says of it. */
export interface ReasonText {
  /** Main code, `errcode` of a callback. */
  errcode: number;
  /** Sub code of the table; 0 where the table has none. */
  subErrcode: number;
  /** Chinese text as the event list prints it, without a final full stop. */
  zh: string;
  /** English text as the event list prints it, with its final full stop. */
  en: string;
  /** The older internal message of a callback, where one is documented. */
  raw?: string;
}

/**
 * The simulator's own table of break reasons (push interruption records of the CSS console
 * documents). It is kept apart from the product's catalogue on purpose: each proves the other.
 */
export const reasonTable: readonly ReasonText[] = [
  { errcode: 0, subErrcode: 0, zh: '未知原因', en: 'Unknown reason.' },
  {
    errcode: 1,
    subErrcode: 0,
    zh: '推流客户端主动断流',
    en: 'The push client stopped the stream.',
    raw: 'recv rtmp deleteStream',
  },
  {
    errcode: 2,
    subErrcode: 0,
    zh: '推流客户端主动断流',
    en: 'The push client stopped the stream.',
    raw: 'recv rtmp closeStream',
  },
  {
    errcode: 3,
    subErrcode: 0,
    zh: '推流客户端主动断流',
    en: 'The push client stopped the stream.',
    raw: 'recv() return 0',
  },
  {
    errcode: 4,
    subErrcode: 0,
    zh: '推流客户端主动断流',
    en: 'The push client stopped the stream.',
    raw: 'recv() return error',
  },
  { errcode: 5, subErrcode: 0, zh: '直播系统内部错误', en: 'CSS system internal error.' },
  { errcode: 6, subErrcode: 0, zh: 'RTMP 协议内容异常', en: 'RTMP content error.' },
  {
    errcode: 7,
    subErrcode: 0,
    zh: 'RTMP 单个帧大小超过配置允许的最大值',
    en: 'Exceeded the maximum size allowed for a single RTMP frame.',
    raw: 'rtmp message large than 1M',
  },
  {
    errcode: 8,
    subErrcode: 0,
    zh: '系统主动断开长时间无数据的推流',
    en: 'The system stopped the stream because no data was generated for a long time.',
  },
  { errcode: 9, subErrcode: 0, zh: '直播系统内部错误', en: 'CSS system internal error.' },
  {
    errcode: 10,
    subErrcode: 0,
    zh: '代理层收到断流命令',
    en: 'The proxy layer received an interruption command.',
  },
  { errcode: 11, subErrcode: 0, zh: '直播系统内部错误', en: 'CSS system internal error.' },
  { errcode: 12, subErrcode: 0, zh: '推流链路网络异常', en: 'Network error for the push client.' },
  { errcode: 13, subErrcode: 0, zh: '推流链路网络异常', en: 'Network error for the push client.' },
  { errcode: 14, subErrcode: 0, zh: '推流链路网络异常', en: 'Network error for the push client.' },
  { errcode: 15, subErrcode: 0, zh: '推流链路网络异常', en: 'Network error for the push client.' },
  { errcode: 16, subErrcode: 0, zh: '推流链路网络异常', en: 'Network error for the push client.' },
  { errcode: 17, subErrcode: 0, zh: '推流链路网络异常', en: 'Network error for the push client.' },
  {
    errcode: 18,
    subErrcode: 100,
    zh: '直播系统内部错误',
    en: 'CSS system internal error.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 101,
    zh: '直播系统内部错误',
    en: 'CSS system internal error.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 102,
    zh: '直播系统内部错误',
    en: 'CSS system internal error.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 103,
    zh: '直播系统内部错误',
    en: 'CSS system internal error.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 104,
    zh: '直播系统内部错误',
    en: 'CSS system internal error.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 200,
    zh: '获取推流链接对应的客户信息失败',
    en: 'Failed to get the user information for the push URL.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 201,
    zh: '您的直播服务已被关停',
    en: 'Your CSS services have been suspended.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 202,
    zh: '账号欠费，您的直播服务已被暂时关停，请及时充值',
    en: 'Your CSS services have been suspended due to overdue payments. Please top up your account balance.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 203,
    zh: '您的直播服务已被强制关停',
    en: 'Your CSS services have been suspended.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 300,
    zh: '不允许直接使用 IP 地址推流',
    en: 'Push using an IP address is not allowed.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 301,
    zh: '无法识别推流域名',
    en: 'Unable to identify the push domain name.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 302,
    zh: '推流域名不合法',
    en: 'Invalid push domain name.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 303,
    zh: '推流域名被禁用',
    en: 'The push domain name is disabled.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 304,
    zh: '推流应用名被禁用',
    en: 'The push application is disabled.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 305,
    zh: '推流流名称处于禁播状态',
    en: 'The stream is disabled.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 306,
    zh: '接入模式为频道模式，但尚未创建相应的推流频道',
    en: 'Channel mode is used, but there isn’t a push channel.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 307,
    zh: '接入模式为频道模式，但当前推流频道已关闭',
    en: 'Channel mode is used, but the current push channel is disabled.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 308,
    zh: '推流流名称中含有非法字符',
    en: 'The push name contains unallowed characters.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 309,
    zh: '推流应用名中含有非法字符',
    en: 'The push application name contains unallowed characters.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 400,
    zh: '推流客户端 IP 在黑名单中',
    en: 'The push client’s IP address is on the blocklist.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 401,
    zh: '推流客户端 IP 不在白名单中',
    en: 'The push client’s IP address is not on the allowlist.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 500,
    zh: '推流未携带过期时间参数',
    en: 'The expiration time parameter is missing from the push URL.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 501,
    zh: '推流时间戳参数值已过期',
    en: 'The push URL has expired.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 502,
    zh: '推流未携带鉴权参数',
    en: 'The authentication parameter is missing from the push URL.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 503,
    zh: '校验鉴权参数不通过',
    en: 'Authentication failed.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 600,
    zh: '当前推流条数超过配置允许的最大值',
    en: 'Reached the maximum number of streams that can be pushed.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 601,
    zh: '当前流名称对应的推流条数超过配置允许的最大值',
    en: 'Reached the maximum number of streams that can be pushed using this stream name.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 18,
    subErrcode: 602,
    zh: '推流优先级参数低于已经存在的推流链接',
    en: 'The priority of this stream is lower than another stream.',
    raw: 'push url maybe invalid',
  },
  {
    errcode: 19,
    subErrcode: 0,
    zh: '第三方鉴权失败',
    en: 'Third-party authentication failed.',
    raw: '3rdparty auth failed',
  },
  {
    errcode: 20,
    subErrcode: 0,
    zh: '系统主动断开长时间无数据的推流',
    en: 'The system stopped the stream because no data was generated for a long time.',
  },
  {
    errcode: 21,
    subErrcode: 100,
    zh: '收到客户调用的断流请求',
    en: 'The stream was stopped at your request.',
  },
  {
    errcode: 21,
    subErrcode: 101,
    zh: '收到客户调用的禁播请求',
    en: 'The stream was disabled at your request.',
  },
  {
    errcode: 21,
    subErrcode: 102,
    zh: '收到新的推流链接顶替当前推流',
    en: 'A new push URL replaced the current one.',
  },
  {
    errcode: 21,
    subErrcode: 103,
    zh: '收到新的推流链接顶替当前无数据的推流',
    en: 'A new push URL replaced the current one that has no data.',
  },
  { errcode: 22, subErrcode: 0, zh: '未知原因', en: 'Unknown reason.' },
  { errcode: 23, subErrcode: 0, zh: 'RTMP 协议内容异常', en: 'RTMP content error.' },
  { errcode: 24, subErrcode: 0, zh: '直播系统内部错误', en: 'CSS system internal error.' },
  { errcode: 25, subErrcode: 0, zh: '未知原因', en: 'Unknown reason.' },
  { errcode: 26, subErrcode: 0, zh: '未知原因', en: 'Unknown reason.' },
  { errcode: 27, subErrcode: 0, zh: '未知原因', en: 'Unknown reason.' },
  { errcode: 28, subErrcode: 0, zh: '未知原因', en: 'Unknown reason.' },
  { errcode: 29, subErrcode: 0, zh: '未知原因', en: 'Unknown reason.' },
  { errcode: 30, subErrcode: 0, zh: '未知原因', en: 'Unknown reason.' },
  { errcode: 31, subErrcode: 0, zh: '未知原因', en: 'Unknown reason.' },
  { errcode: 32, subErrcode: 0, zh: '未知原因', en: 'Unknown reason.' },
  { errcode: 33, subErrcode: 0, zh: 'RTMP AMF 数据异常', en: 'RTMP AMF error.' },
  { errcode: 34, subErrcode: 0, zh: '未知原因', en: 'Unknown reason.' },
  {
    errcode: 35,
    subErrcode: 0,
    zh: '推流客户端主动断流',
    en: 'The push client stopped the stream.',
  },
  { errcode: 36, subErrcode: 0, zh: '未知原因', en: 'Unknown reason.' },
  {
    errcode: 37,
    subErrcode: 0,
    zh: 'SRS 断开没有播放的流',
    en: 'SRS stopped the stream because it was not played.',
  },
  { errcode: 38, subErrcode: 0, zh: '直播系统内部错误', en: 'CSS system internal error.' },
  {
    errcode: 39,
    subErrcode: 0,
    zh: '推流帧率大小超过系统允许的最大值',
    en: 'Exceeded the maximum frame size allowed for push.',
  },
];

const byCode = new Map(reasonTable.map((row) => [`${row.errcode}/${row.subErrcode}`, row]));

/**
 * The row of a code. A code that the table lacks gets the "unknown reason" texts, as CSS itself
 * prints for codes it does not explain.
 */
export function reasonText(errcode: number, subErrcode = 0): ReasonText {
  return (
    byCode.get(`${errcode}/${subErrcode}`) ?? {
      errcode,
      subErrcode,
      zh: '未知原因',
      en: 'Unknown reason.',
    }
  );
}
