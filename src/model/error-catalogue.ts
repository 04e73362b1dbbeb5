/**
 * Every error that Breakwatch can answer with. `docs/errors.md` documents them one to one, checked
 * by a test. `status` is the HTTP status when the error reaches an HTTP caller.
 *
 * `message` is a template: `{name}` is filled from the error's details.
 */
export const ERROR_CATALOGUE = {
  // Input of the query API and CLI
  BAD_JSON: {
    status: 400,
    message: 'The body is not JSON: {problem}',
    remedy: 'Send one JSON document encoded in UTF-8.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    message: 'The body is larger than {limitBytes} bytes.',
    remedy: 'Send a smaller body; CSS callbacks are below 4 KB.',
  },
  BAD_QUERY: {
    status: 400,
    message: 'The query is not valid: {problem}',
    remedy: 'Correct the named field; docs/api.md lists what each query type takes.',
  },
  BAD_TIME_RANGE: {
    status: 400,
    message: 'The time range is not valid: {problem}',
    remedy: 'Give from and to as ISO 8601 or epoch milliseconds, with from before to.',
  },
  BAD_EVENT: {
    status: 400,
    message: 'This is no event that Breakwatch knows: {problem}',
    remedy:
      'Give an event of DescribeLiveStreamEventList, a callback body, {"reasonText": "…"} or {"bypassCode": 6012}.',
  },
  EVENT_TOO_OLD: {
    status: 400,
    message:
      'It happened at {at}, and what happened before {keptFrom} is not kept ({keepDays} days).',
    remedy:
      'To take older events, let more days be kept: BREAKWATCH_KEEP_DAYS, 0 for all (docs/configuration.md).',
  },
  MUTE_INTERVALS_INVALID: {
    status: 500,
    message: '{file}:{line}:{column}: {problem}.',
    remedy:
      'Correct the maintenance windows or schedules there (docs/configuration.md); until then the last good ones stay in force.',
  },
  FILE_UNREADABLE: {
    status: 400,
    message: 'The file {file} can not be read: {problem}.',
    remedy: 'Give the name of a readable file, or - for standard input.',
  },
  NOT_FOUND: {
    status: 404,
    message: 'There is nothing at {path}.',
    remedy: 'See docs/api.md for the addresses that exist.',
  },
  TOKEN_REQUIRED: {
    status: 401,
    message: 'This server asks for a token and the request has none or a wrong one.',
    remedy: 'Send the value of BREAKWATCH_TOKEN as "Authorization: Bearer <token>".',
  },
  // Callbacks
  UNKNOWN_ACCOUNT: {
    status: 404,
    message: 'No account is named {account}.',
    remedy:
      'Give a name from the configuration; the account given by environment is "default". A callback URL ends in /callbacks/css/<account>.',
  },
  CALLBACK_UNSIGNED: {
    status: 401,
    message: 'The callback carries no sign or no t.',
    remedy: 'Set a callback key in the callback template of the CSS console.',
  },
  CALLBACK_BAD_SIGN: {
    status: 401,
    message: 'The callback sign does not match the key of account {account}.',
    remedy:
      'Give the callback key of the CSS callback template as BREAKWATCH_CALLBACK_KEY (or callbackKeys in breakwatch.yaml).',
  },
  CALLBACK_EXPIRED: {
    status: 401,
    message: 'The callback expired {secondsAgo} s ago (its t is past).',
    remedy: 'Check the clock of this machine; a replayed callback is refused on purpose.',
  },
  CALLBACK_BAD_FIELD: {
    status: 400,
    message: 'The callback field {field} {problem}.',
    remedy: 'Compare the sender with the CSS push-event notification document.',
  },
  CALLBACK_UNKNOWN_TYPE: {
    status: 400,
    message: 'The callback has event_type {eventType}, which Breakwatch does not take.',
    remedy: 'Send event_type 0 (interruption), 1 (push), 100, 200 or 321.',
  },
  CALLBACK_NO_KEY: {
    status: 403,
    message: 'Account {account} has no callback key, so callbacks to it can not be trusted.',
    remedy: 'Set BREAKWATCH_CALLBACK_KEY (or callbackKeys in breakwatch.yaml) and restart.',
  },
  CALLBACK_FROM_ELSEWHERE: {
    status: 403,
    message: 'A callback to account {account} came from {address}, from where none may come.',
    remedy:
      'If CSS sends from there, add it to callbackFrom (BREAKWATCH_CALLBACK_FROM); if it is a proxy of yours, name it in trustProxy (BREAKWATCH_TRUST_PROXY).',
  },
  // CSS API
  CSS_CREDENTIALS: {
    status: 502,
    message: 'Tencent Cloud refused the credentials of account {account}: {apiCode}.',
    remedy: 'Check SecretId and SecretKey in the CAM console and the clock of this machine.',
  },
  CSS_PERMISSION: {
    status: 502,
    message: 'The key of account {account} may not call {action}: {apiCode}.',
    remedy: 'Attach the policy QcloudLIVEReadOnlyAccess to the CAM user of this key.',
  },
  CSS_RATE_LIMIT: {
    status: 503,
    message: 'The CSS API limits the rate of account {account} ({action}): {apiCode}.',
    remedy: 'Nothing to do now, the next poll waits longer; other programs share this limit.',
  },
  CSS_ACCOUNT_STOPPED: {
    status: 502,
    message: 'The CSS service of account {account} is stopped: {apiCode}.',
    remedy:
      'Look at the account state in the console: arrears, a suspension, or CSS not activated.',
  },
  CSS_BAD_REQUEST: {
    status: 502,
    message: 'The CSS API did not accept {action} for account {account}: {apiCode}.',
    remedy: 'Check the configured site and endpoint; report this with the request id {requestId}.',
  },
  CSS_API_ERROR: {
    status: 502,
    message: 'The CSS API failed inside at {action} for account {account}: {apiCode}.',
    remedy:
      'The next poll tries again; if it stays, open a ticket with the request id {requestId}.',
  },
  CSS_UNREACHABLE: {
    status: 502,
    message: 'The CSS API of account {account} can not be reached at {endpoint}: {problem}.',
    remedy: 'Check network, DNS, proxy (HTTPS_PROXY) and BREAKWATCH_API_ENDPOINT.',
  },
  COLLECTION_BLIND: {
    status: 502,
    message: 'Nobody watches {accounts}: {problem}',
    remedy:
      'See the health of the data source and the named cause; breaks may be missed until then.',
  },
  CSS_BAD_ANSWER: {
    status: 502,
    message:
      'The CSS API of account {account} answered {action} with something unreadable: {problem}.',
    remedy: 'Check that BREAKWATCH_API_ENDPOINT is the CSS API and no proxy page.',
  },
  // Rules
  RULE_FILE_INVALID: {
    status: 500,
    message: '{file}:{line}:{column}: {problem}',
    remedy: 'Correct the rule file; until then the last good rule set stays in force.',
  },
  RULE_TEST_FAILED: {
    status: 500,
    message: '{file}: the test "{test}" expects {expected}, but the winner is {winner}.',
    remedy: 'Correct the rule or its test; until then the last good rule set stays in force.',
  },
  RULES_FOLDER_MISSING: {
    status: 500,
    message: 'The rules folder {folder} can not be read: {problem}.',
    remedy: 'Give a readable folder, or leave BREAKWATCH_RULES away to use the shipped rules.',
  },
  RULE_ID_BAD: {
    status: 400,
    message: '{id} is no id of a rule: {problem}.',
    remedy: 'Give category/name of small letters, digits and hyphens, such as client/our-rule.',
  },
  RULE_EXISTS: {
    status: 409,
    message: 'The file {file} exists already.',
    remedy: 'Choose another id, or change the rule that is there.',
  },
  RULES_UNWRITABLE: {
    status: 500,
    message: 'The rules folder {folder} can not be written: {problem}.',
    remedy: 'Name a folder with --dir or BREAKWATCH_RULES that this user may write to.',
  },
  GIT_FAILED: {
    status: 500,
    message: 'git can not tell the rules of {revision}: {problem}.',
    remedy: 'Name a commit, branch or tag of the repository that the rules folder lies in.',
  },
  // Store
  DATA_FOLDER_UNWRITABLE: {
    status: 500,
    message: 'The data folder {folder} can not be written: {problem}.',
    remedy: 'Make it writable for this user, or set BREAKWATCH_DATA to another folder.',
  },
  DATA_FOLDER_OWNED: {
    status: 500,
    message: 'The data folder {folder} belongs to another running Breakwatch (process {pid}).',
    remedy:
      'Stop that process, or set BREAKWATCH_DATA to another folder. A command finds a server by BREAKWATCH_HOST and BREAKWATCH_PORT, or by --url.',
  },
  DATA_FOLDER_EMPTY: {
    status: 404,
    message:
      'Nothing was ever collected in the data folder {folder}, and no server answers at {url}.',
    remedy:
      'Name the right folder by BREAKWATCH_DATA or a running server by --url; or start "breakwatch serve", or "breakwatch import" a file.',
  },
  STORE_FAILED: {
    status: 503,
    message: 'The store failed: {problem}.',
    remedy: 'Check disk space and the data folder; nothing was acknowledged that is not stored.',
  },
  STORE_FULL: {
    status: 503,
    message: 'The disk of the data folder is full: {problem}.',
    remedy:
      'Free space or enlarge the disk; Breakwatch goes on by itself then. Nothing was acknowledged that is not stored, and CSS repeats callbacks for 12 minutes. To need less, keep fewer days: BREAKWATCH_KEEP_DAYS.',
  },
  STORE_DAMAGED: {
    status: 503,
    message: 'A database file of the data folder is damaged: {problem}.',
    remedy:
      'Stop Breakwatch, keep a copy of the folder and check the disk. breakwatch.db can be moved away with its -wal and -shm: at the next start it is derived again from journal.db, without what people said of incidents. A damaged journal.db has to come from a backup.',
  },
  STORE_READ_ONLY: {
    status: 503,
    message: 'A database file of the data folder can not be opened or written: {problem}.',
    remedy:
      'Let this user write the data folder and every file in it (owner, mode, a file system mounted read-only), and see that not too many files are open.',
  },
  STORE_BUSY: {
    status: 503,
    message: 'Another program holds a database file of the data folder: {problem}.',
    remedy:
      'End what has it open, for example sqlite3 or a copy being made of the running folder; what waits is tried again.',
  },
  STORE_NO_LOCKS: {
    status: 500,
    message: 'The file system of the data folder lacks what a database needs: {problem}.',
    remedy:
      'Set BREAKWATCH_DATA to a folder on a local disk; file systems without locks and shared memory (some of NFS, SMB, FUSE) can not hold it.',
  },
  STORE_TOO_OLD: {
    status: 500,
    message:
      'The data folder {folder} was written by an older Breakwatch (schema {found}, known {known}).',
    remedy:
      'Nothing in the folder was changed. With the version that wrote it, run "breakwatch export --format csv > breaks.csv". Then set BREAKWATCH_DATA to a new folder and run "breakwatch import breaks.csv" with this version.',
  },
  STORE_TOO_NEW: {
    status: 500,
    message:
      'The data folder {folder} was written by a newer Breakwatch (schema {found}, known {known}).',
    remedy: 'Run the newer version, or set BREAKWATCH_DATA to another folder.',
  },
  // Set-up
  BAD_CONFIG: {
    status: 500,
    message: 'The configuration is not valid: {problem}',
    remedy: 'Correct the named setting; docs/configuration.md lists them all.',
  },
  TOKEN_NEEDED_FOR_HOST: {
    status: 500,
    message: 'Listening on {host} needs a token, so that not everyone can read your breaks.',
    remedy: 'Set BREAKWATCH_TOKEN, or listen on 127.0.0.1.',
  },
  PORT_IN_USE: {
    status: 500,
    message: 'Port {port} on {host} is already in use.',
    remedy: 'Stop the other program or set BREAKWATCH_PORT.',
  },
  SERVER_BUSY: {
    status: 503,
    message: 'The server has more questions than it can answer: {waiting} wait.',
    remedy:
      'Ask again in a moment. Panels over long ranges cost most: refresh them less often, shorten the range or name an account.',
  },
  STREAM_FULL: {
    status: 503,
    message: 'As many pages listen to the event stream as it can serve.',
    remedy: 'Close pages that nobody looks at; ask /api/v1/breaks instead of listening.',
  },
  // Remote mode
  SERVER_UNREACHABLE: {
    status: 502,
    message: 'The Breakwatch server at {url} can not be reached: {problem}.',
    remedy: 'Check the URL in the data source settings and that breakwatch serve is running.',
  },
  SERVER_REFUSED: {
    status: 502,
    message: 'The Breakwatch server at {url} refused the request: {problem}.',
    // The server's own remedy.
    remedy: '{remedy}.',
  },
  NOT_CONFIGURED: {
    status: 400,
    message: 'The data source is not set up: {problem}',
    remedy: 'Open its settings and fill in the named field.',
  },
  // Push URLs
  BAD_PUSH_URL: {
    status: 400,
    message: 'This is no push URL: {problem}',
    remedy:
      'Give rtmp://, webrtc:// or srt:// with push domain, AppName and StreamName, in quotes so that the shell leaves & alone.',
  },
  PUSH_KEY_MISSING: {
    status: 400,
    message: 'No push key of domain {domain} is known, so nothing can be signed.',
    remedy:
      'Set BREAKWATCH_PUSH_KEY, or give pushKeys of the domain in breakwatch.yaml; keys are never taken from the command line.',
  },
  // Actions on streams
  ACTIONS_OFF: {
    status: 403,
    message: 'Streams of account {account} may not be changed from here: {problem}.',
    remedy:
      'Set actions: true for the account in breakwatch.yaml (BREAKWATCH_ACTIONS=1 for the account "default"), with a key that may do so; over HTTP the server needs BREAKWATCH_TOKEN too.',
  },
  BAD_ACTION: {
    status: 400,
    message: 'This can not be carried out: {problem}.',
    remedy: 'Correct the named field; docs/api.md lists what an action takes.',
  },
  ACTION_UNCONFIRMED: {
    status: 409,
    message: 'The confirmation does not fit: {problem}.',
    remedy:
      'Ask for a dry run again and send its confirm with the very same action within 5 minutes.',
  },
  ACTION_LIMIT: {
    status: 429,
    message: 'Account {account} had {count} actions within a minute, which is the most.',
    remedy: 'Wait a minute. Many streams at once are better handled by domain in the CSS console.',
  },
  ACTION_FAILED: {
    status: 502,
    message: 'CSS did not {action} the stream: {apiCode} (request id {requestId}). {cause}',
    remedy: '{fix} "breakwatch explain-code {apiCode}" tells it again.',
  },
  AUDIT_FAILED: {
    status: 503,
    message: 'The audit log {file} can not be used, so nothing was done: {problem}.',
    remedy: 'Make the data folder writable and see that its disk has space.',
  },
  // Evidence of one break
  UNKNOWN_BREAK: {
    status: 404,
    message: 'No break has the id {id}.',
    remedy:
      'Take the id from "breakwatch export" or GET /api/v1/breaks; a break that was merged into another has lost its own.',
  },
  EVIDENCE_NO_KEY: {
    status: 409,
    message: 'CSS can not be asked about the break: account {account} has no API key here.',
    remedy:
      'Give the account secretId and secretKey (a CAM user with QcloudLIVEReadOnlyAccess), see docs/configuration.md.',
  },
  EVIDENCE_EXPIRED: {
    status: 410,
    message:
      'CSS keeps what it measured of a push for {days} days, and the break was at {endedAt}.',
    remedy: 'Ask within that time; push exceptions that were called back are kept here for good.',
  },
  EVIDENCE_LIMIT: {
    status: 429,
    message: 'Account {account} was asked for evidence of {count} breaks within a minute.',
    remedy: 'Wait a minute; what has been fetched is answered without asking CSS again.',
  },
  // Ways out of alerts
  NOTIFICATION_FAILED: {
    status: 502,
    message: 'The way out {channel} failed: {problem}.',
    remedy: 'It is tried again by itself; see whether the receiver runs and can be reached.',
  },
  NOTIFICATION_REFUSED: {
    status: 502,
    message: 'The receiver of the way out {channel} refused what it was sent: {problem}.',
    remedy:
      'Correct URL, secret or format of the way out in breakwatch.yaml, try it with "breakwatch alerts test", then send again with "breakwatch alerts resend ID".',
  },
  CHANNEL_UNKNOWN: {
    status: 404,
    message: 'No way out is named {channel} (known: {known}).',
    remedy: 'Give one of the names under alerts in breakwatch.yaml.',
  },
  NO_CHANNELS: {
    status: 404,
    message: 'Alerts are told nowhere: no way out is set up.',
    remedy: 'Name an Alertmanager or a webhook under alerts in breakwatch.yaml (docs/alerts.md).',
  },
  NOTICE_UNKNOWN: {
    status: 404,
    message: 'No notice {id} waits or was given up.',
    remedy: 'List them with "breakwatch alerts outbox"; what has been sent is no longer there.',
  },
  NOTICES_GIVEN_UP: {
    status: 502,
    message: '{count} notices could not be sent by the way out {channel}.',
    remedy: 'See "breakwatch alerts outbox", correct the cause, then send them again or drop them.',
  },
  ALERT_ROUTE_TWICE: {
    status: 500,
    message: 'The same alerts go out by {first} and by {second}.',
    remedy:
      'Narrow one by accounts, categories or severities; or say that it is meant: copy: true at a webhook, grafana: false when no Grafana rule of Breakwatch pages.',
  },
  // What people say of incidents
  UNKNOWN_INCIDENT: {
    status: 404,
    message: 'No incident has the id {id}.',
    remedy: 'Take the id from an incident query or from an alert; ids of long ago may be gone.',
  },
  BAD_REMARK: {
    status: 400,
    message: 'This can not be kept: {problem}.',
    remedy: 'Correct the named field; docs/api.md lists what is taken.',
  },
  INTERNAL: {
    status: 500,
    message: 'Something failed inside Breakwatch: {problem}.',
    remedy: 'Report it with the log lines around it.',
  },
} as const satisfies Record<string, { status: number; message: string; remedy: string }>;

/** Code of a catalogued error. */
export type ErrorCode = keyof typeof ERROR_CATALOGUE;
