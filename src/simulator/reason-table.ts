/** One row of the documented errcode table: the code and its texts. */
export interface ReasonText {
  /** Main code, `errcode` of a callback. */
  errcode: number;
  /** Sub code of the table; 0 where the table has none. */
  subErrcode: number;
  /** Chinese text as in the event list, without a final full stop. */
  zh: string;
  /** English text as in the event list, with its final full stop. */
  en: string;
  /** Older internal message in callbacks, where one is documented. */
  raw?: string;
}

type Row = [errcode: number, subErrcode: number, zh: string, en: string, raw?: string];

/** The internal message of every row with this code; the rows do not repeat it. */
const INVALID_URL = { errcode: 18, raw: 'push url maybe invalid' };

const rows: readonly Row[] = [
  [0, 0, '未知原因', 'Unknown reason.'],
  [1, 0, '推流客户端主动断流', 'The push client stopped the stream.', 'recv rtmp deleteStream'],
  [2, 0, '推流客户端主动断流', 'The push client stopped the stream.', 'recv rtmp closeStream'],
  [3, 0, '推流客户端主动断流', 'The push client stopped the stream.', 'recv() return 0'],
  [4, 0, '推流客户端主动断流', 'The push client stopped the stream.', 'recv() return error'],
  [5, 0, '直播系统内部错误', 'CSS system internal error.'],
  [6, 0, 'RTMP 协议内容异常', 'RTMP content error.'],
  [
    7,
    0,
    'RTMP 单个帧大小超过配置允许的最大值',
    'Exceeded the maximum size allowed for a single RTMP frame.',
    'rtmp message large than 1M',
  ],
  [
    8,
    0,
    '系统主动断开长时间无数据的推流',
    'The system stopped the stream because no data was generated for a long time.',
  ],
  [9, 0, '直播系统内部错误', 'CSS system internal error.'],
  [10, 0, '代理层收到断流命令', 'The proxy layer received an interruption command.'],
  [11, 0, '直播系统内部错误', 'CSS system internal error.'],
  [12, 0, '推流链路网络异常', 'Network error for the push client.'],
  [13, 0, '推流链路网络异常', 'Network error for the push client.'],
  [14, 0, '推流链路网络异常', 'Network error for the push client.'],
  [15, 0, '推流链路网络异常', 'Network error for the push client.'],
  [16, 0, '推流链路网络异常', 'Network error for the push client.'],
  [17, 0, '推流链路网络异常', 'Network error for the push client.'],
  [18, 100, '直播系统内部错误', 'CSS system internal error.'],
  [18, 101, '直播系统内部错误', 'CSS system internal error.'],
  [18, 102, '直播系统内部错误', 'CSS system internal error.'],
  [18, 103, '直播系统内部错误', 'CSS system internal error.'],
  [18, 104, '直播系统内部错误', 'CSS system internal error.'],
  [
    18,
    200,
    '获取推流链接对应的客户信息失败',
    'Failed to get the user information for the push URL.',
  ],
  [18, 201, '您的直播服务已被关停', 'Your CSS services have been suspended.'],
  [
    18,
    202,
    '账号欠费，您的直播服务已被暂时关停，请及时充值',
    'Your CSS services have been suspended due to overdue payments. Please top up your account balance.',
  ],
  [18, 203, '您的直播服务已被强制关停', 'Your CSS services have been suspended.'],
  [18, 300, '不允许直接使用 IP 地址推流', 'Push using an IP address is not allowed.'],
  [18, 301, '无法识别推流域名', 'Unable to identify the push domain name.'],
  [18, 302, '推流域名不合法', 'Invalid push domain name.'],
  [18, 303, '推流域名被禁用', 'The push domain name is disabled.'],
  [18, 304, '推流应用名被禁用', 'The push application is disabled.'],
  [18, 305, '推流流名称处于禁播状态', 'The stream is disabled.'],
  [
    18,
    306,
    '接入模式为频道模式，但尚未创建相应的推流频道',
    'Channel mode is used, but there isn’t a push channel.',
  ],
  [
    18,
    307,
    '接入模式为频道模式，但当前推流频道已关闭',
    'Channel mode is used, but the current push channel is disabled.',
  ],
  [18, 308, '推流流名称中含有非法字符', 'The push name contains unallowed characters.'],
  [18, 309, '推流应用名中含有非法字符', 'The push application name contains unallowed characters.'],
  [18, 400, '推流客户端 IP 在黑名单中', 'The push client’s IP address is on the blocklist.'],
  [18, 401, '推流客户端 IP 不在白名单中', 'The push client’s IP address is not on the allowlist.'],
  [
    18,
    500,
    '推流未携带过期时间参数',
    'The expiration time parameter is missing from the push URL.',
  ],
  [18, 501, '推流时间戳参数值已过期', 'The push URL has expired.'],
  [18, 502, '推流未携带鉴权参数', 'The authentication parameter is missing from the push URL.'],
  [18, 503, '校验鉴权参数不通过', 'Authentication failed.'],
  [
    18,
    600,
    '当前推流条数超过配置允许的最大值',
    'Reached the maximum number of streams that can be pushed.',
  ],
  [
    18,
    601,
    '当前流名称对应的推流条数超过配置允许的最大值',
    'Reached the maximum number of streams that can be pushed using this stream name.',
  ],
  [
    18,
    602,
    '推流优先级参数低于已经存在的推流链接',
    'The priority of this stream is lower than another stream.',
  ],
  [19, 0, '第三方鉴权失败', 'Third-party authentication failed.', '3rdparty auth failed'],
  [
    20,
    0,
    '系统主动断开长时间无数据的推流',
    'The system stopped the stream because no data was generated for a long time.',
  ],
  [21, 100, '收到客户调用的断流请求', 'The stream was stopped at your request.'],
  [21, 101, '收到客户调用的禁播请求', 'The stream was disabled at your request.'],
  [21, 102, '收到新的推流链接顶替当前推流', 'A new push URL replaced the current one.'],
  [
    21,
    103,
    '收到新的推流链接顶替当前无数据的推流',
    'A new push URL replaced the current one that has no data.',
  ],
  [22, 0, '未知原因', 'Unknown reason.'],
  [23, 0, 'RTMP 协议内容异常', 'RTMP content error.'],
  [24, 0, '直播系统内部错误', 'CSS system internal error.'],
  [25, 0, '未知原因', 'Unknown reason.'],
  [26, 0, '未知原因', 'Unknown reason.'],
  [27, 0, '未知原因', 'Unknown reason.'],
  [28, 0, '未知原因', 'Unknown reason.'],
  [29, 0, '未知原因', 'Unknown reason.'],
  [30, 0, '未知原因', 'Unknown reason.'],
  [31, 0, '未知原因', 'Unknown reason.'],
  [32, 0, '未知原因', 'Unknown reason.'],
  [33, 0, 'RTMP AMF 数据异常', 'RTMP AMF error.'],
  [34, 0, '未知原因', 'Unknown reason.'],
  [35, 0, '推流客户端主动断流', 'The push client stopped the stream.'],
  [36, 0, '未知原因', 'Unknown reason.'],
  [37, 0, 'SRS 断开没有播放的流', 'SRS stopped the stream because it was not played.'],
  [38, 0, '直播系统内部错误', 'CSS system internal error.'],
  [39, 0, '推流帧率大小超过系统允许的最大值', 'Exceeded the maximum frame size allowed for push.'],
];

/**
 * The simulator's own table of break reasons (source: push interruption records in the CSS console
 * documents). It is separate from the catalogue in src/reasons on purpose: tests compare the two.
 */
export const reasonTable: readonly ReasonText[] = rows.map(([errcode, subErrcode, zh, en, own]) => {
  const raw = errcode === INVALID_URL.errcode ? INVALID_URL.raw : own;
  return { errcode, subErrcode, zh, en, ...(raw && { raw }) };
});

const byCode = new Map(reasonTable.map((row) => [`${row.errcode}/${row.subErrcode}`, row]));

/**
 * Finds the row of a code. A code that is not in the table gets the texts of "unknown reason", as
 * in CSS.
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
