/**
 * Every error that Breakwatch can answer with. `docs/errors.md` documents each of them; a test compares
 * the two. `status` is the HTTP status when the error reaches an HTTP caller.
 *
 * `message` and `remedy` are templates: `{name}` is filled from the error's details. `cause` says in one
 * sentence what makes the error happen, for the documentation.
 */
export const ERROR_CATALOGUE = {
  // Input of the query API and the command line
  BAD_JSON: {
    status: 400,
    message: 'The input is not valid JSON: {problem}',
    cause:
      'The request body, or the text given to the command, is empty, not UTF-8 or not one complete JSON document.',
    remedy: 'Send one JSON document encoded in UTF-8.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    message: 'The request body is larger than {limitBytes} bytes.',
    cause: 'The request sends more than its route accepts.',
    remedy:
      'Send a smaller body: in a query, fewer values of a filter, or a pattern such as shop-*. CSS callbacks are smaller than 4 KB.',
  },
  BAD_QUERY: {
    status: 400,
    message: 'The query is not valid: {problem}',
    cause:
      'A field or parameter is unknown, has the wrong type or holds a value that is not supported.',
    remedy: 'Correct the named field. docs/api.md lists the fields of each query type.',
  },
  QUERY_TOO_LARGE: {
    status: 400,
    message: 'The answer would be too large: {problem}.',
    cause:
      'The queries of one request ask for more cells or bytes than one answer may have. Nothing is cut off to make it fit.',
    remedy:
      'Shorten the time range, filter, group by fewer fields, ask for fewer points (maxDataPoints) or a smaller limit, or send the queries in several requests.',
  },
  QUERY_TOO_SLOW: {
    status: 503,
    message: 'The query was stopped after {seconds} s.',
    cause: 'The query reads more stored breaks than the server can read in the time limit.',
    remedy: 'Shorten the time range, or filter by account, domain or stream.',
  },
  BAD_TIME_RANGE: {
    status: 400,
    message: 'The time range is not valid: {problem}',
    cause: 'A time is neither ISO 8601 nor epoch milliseconds, or the range ends before it starts.',
    remedy: 'Give from and to as ISO 8601 or epoch milliseconds, with from before to.',
  },
  BAD_EVENT: {
    status: 400,
    message: 'The event cannot be read: {problem}',
    cause:
      'The line or record is not a CSS callback, not a record of the event list and not a bare reason, or one of its fields has a wrong value.',
    remedy:
      'Give a record of DescribeLiveStreamEventList, a callback body, {"reasonText": "…"} or {"bypassCode": 6012}.',
  },
  CSV_COLUMNS: {
    status: 400,
    message: 'Line {line} of the CSV has no column for {missing}. Its columns are: {columns}.',
    cause:
      'The first line of the CSV does not name the columns, or names them in words that are not known.',
    remedy:
      'Name the columns in the first line as the CSS console or `export --format csv` does, for example: domain, app, stream, startedAt, time, reasonText.',
  },
  EXPORT_VERSION: {
    status: 400,
    message: 'The line is from an export in format {found}; this Breakwatch reads format {known}.',
    cause: 'Another version of Breakwatch wrote the file. Its other lines are imported.',
    remedy: 'Import it with the version that wrote it, or update Breakwatch and export again.',
  },
  EXPORT_INCOMPLETE: {
    status: 400,
    message: 'The export ends too early: lines are missing.',
    cause:
      'The file was cut, or lines of it were removed: its last line is missing or counts more lines. The lines that are there are imported.',
    remedy: 'Export again and import the whole file. Lines that are known are not counted twice.',
  },
  EVENT_TOO_OLD: {
    status: 400,
    message: 'The event is from {at}, but only events after {keptFrom} are kept ({keepDays} days).',
    cause: 'The event is older than the retention period, so the purge would delete it again.',
    remedy:
      'Raise BREAKWATCH_KEEP_DAYS to import older events; 0 keeps all (docs/configuration.md).',
  },
  EVENT_IN_FUTURE: {
    status: 400,
    message: 'The event is from {at}, more than a day after the clock of this machine ({now}).',
    cause: 'The sender gave a wrong time, or the clock of this machine is behind.',
    remedy: 'Check the clock of this machine. If it is right, correct the time of the event.',
  },
  MUTE_INTERVALS_INVALID: {
    status: 500,
    message: '{file}:{line}:{column}: {problem}.',
    cause: 'The mute intervals have a YAML mistake, an unknown key or a value that is not valid.',
    remedy:
      'Correct the mute intervals in that file (docs/configuration.md). The last valid ones stay in force until then.',
  },
  FILE_UNREADABLE: {
    status: 400,
    message: 'Cannot read the file {file}: {problem}.',
    cause: 'The file does not exist, or this user may not read it.',
    remedy: 'Give the name of a readable file, or - for standard input.',
  },
  NOT_FOUND: {
    status: 404,
    message: 'The address {path} does not exist.',
    cause: 'The path of the request is misspelled or belongs to another version.',
    remedy: 'Use one of the addresses that docs/api.md lists.',
  },
  TOKEN_REQUIRED: {
    status: 401,
    message: 'The request has no token or a wrong one.',
    cause:
      'The server needs a token, and the Authorization header has none that is BREAKWATCH_TOKEN of the server or listed in server.tokens.',
    remedy:
      'Send BREAKWATCH_TOKEN of the server, or a token of "breakwatch token new", as "Authorization: Bearer <token>".',
  },
  ROLE_MISSING: {
    status: 403,
    message: 'The token {name} has the roles {roles}, but this request needs the role {role}.',
    cause: 'A named token, or single sign-on, may do only what its roles allow.',
    remedy:
      'Use a token with that role, or add the role to its entry in server.tokens; docs/security.md lists what each role allows.',
  },
  TOO_MANY_WRONG_TOKENS: {
    status: 429,
    message:
      'The address {address} sent {limit} wrong tokens within a minute, so it must wait {seconds} s.',
    cause: 'Somebody guesses tokens, or a program still uses a token that was changed.',
    remedy:
      'Correct the token of that program, then try again after that time. Tokens that were right at this address before still work.',
  },
  CROSS_SITE_REQUEST: {
    status: 403,
    message: 'A browser sent this request for a page of {origin}.',
    cause:
      'A page of another origin tried to read or change something here through the browser of somebody who can reach this server.',
    remedy:
      'Use the page of Breakwatch itself. If the page is yours, add its origin to server.allowedOrigins in breakwatch.yaml, or set alerts.publicUrl to the address of Breakwatch in the browser.',
  },
  HOST_NOT_ALLOWED: {
    status: 421,
    message: 'This server does not answer for the host {host}.',
    cause:
      'The server has no token, so it answers only for IP addresses, localhost, the host of alerts.publicUrl and the names in server.allowedHosts. Otherwise any web page could read it by pointing its own name at this machine.',
    remedy:
      'Use 127.0.0.1 or localhost, add the host name to server.allowedHosts in breakwatch.yaml, or set BREAKWATCH_TOKEN.',
  },
  // Callbacks
  UNKNOWN_ACCOUNT: {
    status: 404,
    message: 'No account is named {account}.',
    cause: 'The account in the callback URL, the query or the option --account is not configured.',
    remedy:
      'Use an account name from the configuration. The account from environment variables is "default". A callback URL ends in /callbacks/css/<account>.',
  },
  CALLBACK_UNSIGNED: {
    status: 401,
    message: 'The callback has no sign or no t.',
    cause: 'The callback template in CSS has no callback key, so CSS does not sign its callbacks.',
    remedy: 'Set a callback key in the callback template of the CSS console.',
  },
  CALLBACK_BAD_SIGN: {
    status: 401,
    message: 'The callback sign does not match the callback key of account {account}.',
    cause:
      'The callback key in CSS and the one in Breakwatch differ, or somebody else sent the request.',
    remedy:
      'Set BREAKWATCH_CALLBACK_KEY (or callbackKeys in breakwatch.yaml) to the callback key of the CSS callback template.',
  },
  CALLBACK_EXPIRED: {
    status: 401,
    message: 'The callback expired {ago} ago: its t is in the past.',
    cause:
      'The clock of this machine is ahead, the callback was delayed, or somebody replays an old callback.',
    remedy: 'Check the clock of this machine. Breakwatch refuses replayed callbacks on purpose.',
  },
  CALLBACK_BAD_FIELD: {
    status: 400,
    message: 'The callback field {field} {problem}.',
    cause:
      'A field without which the event cannot be stored (event_type, event_time, domain, AppName, stream, t or sign) is missing or has a value that the CSS document does not describe. Other fields with such values are left out instead.',
    remedy: 'Compare the sender with the push-event notification document of CSS.',
  },
  CALLBACK_UNKNOWN_TYPE: {
    status: 400,
    message: 'The callback has event_type {eventType}, which Breakwatch does not support.',
    cause:
      'The callback template sends other events to the address for push and interruption events.',
    remedy:
      'Send only documented events of CSS to this address: event_type 0 (interruption), 1 (push), 100, 200, 314, 315, 317, 321, 332, 341 or 343.',
  },
  CALLBACK_OF_OTHER_PRODUCT: {
    status: 400,
    message: 'The body is {what}, not a push or interruption event of CSS.',
    cause: 'The callback address of another product or feature points to Breakwatch.',
    remedy:
      'Change that callback address to the service that needs these events. Breakwatch reads callbacks of CSS only, in the format of the push-event notification document.',
  },
  CALLBACK_FORM_ENCODED: {
    status: 400,
    message: 'The body of the callback is {format}, not JSON.',
    cause:
      'CSS sends JSON. A relay or a script in between reads the callback as a form and sends it on.',
    remedy: 'Send the body as JSON, unchanged from CSS: POST with one JSON object as the body.',
  },
  CALLBACK_NO_KEY: {
    status: 403,
    message: 'Account {account} has no callback key, so Breakwatch cannot verify its callbacks.',
    cause: 'CSS sends callbacks for this account, but no callback key is configured for it.',
    remedy: 'Set BREAKWATCH_CALLBACK_KEY (or callbackKeys in breakwatch.yaml) and restart.',
  },
  CALLBACK_FROM_ELSEWHERE: {
    status: 403,
    message:
      'A callback for account {account} came from {address}, which is not an allowed address.',
    cause:
      'The sender is not in callbackFrom, or a proxy in front of Breakwatch is not in trustProxy.',
    remedy:
      'If CSS sends from this address, add it to callbackFrom (BREAKWATCH_CALLBACK_FROM). If it is your proxy, add it to trustProxy (BREAKWATCH_TRUST_PROXY).',
  },
  // CSS API
  CSS_CREDENTIALS: {
    status: 502,
    message: 'Tencent Cloud refused the credentials of account {account}: {apiCode}.',
    cause:
      'SecretId or SecretKey is wrong or disabled, or the clock of this machine is off by more than five minutes.',
    remedy: 'Check SecretId and SecretKey in the CAM console, and the clock of this machine.',
  },
  CSS_PERMISSION: {
    status: 502,
    message: 'The API key of account {account} may not call {action}: {apiCode}.',
    cause: 'The CAM user of the key lacks a permission.',
    remedy: 'Attach the policy QcloudLIVEReadOnlyAccess to the CAM user of this key.',
  },
  CSS_RATE_LIMIT: {
    status: 503,
    message: 'The CSS API limits the request rate of account {account} ({action}): {apiCode}.',
    cause: 'Breakwatch and other programs together call the API more often than the account may.',
    remedy:
      'Wait: the next poll starts later. Other programs with the same account share this limit.',
  },
  CSS_ACCOUNT_STOPPED: {
    status: 502,
    message: 'The CSS service of account {account} is stopped: {apiCode}.',
    cause: 'The account is in arrears or suspended, or CSS is not activated.',
    remedy:
      'Check the account in the Tencent Cloud console: balance, suspension and activation of CSS.',
  },
  CSS_BAD_REQUEST: {
    status: 502,
    message: 'The CSS API rejected {action} for account {account}: {apiCode}.',
    cause: 'The site or the endpoint does not match the account, or the API has changed.',
    remedy:
      'Check the configured site and endpoint. If they are right, report this with the request id {requestId}.',
  },
  CSS_API_ERROR: {
    status: 502,
    message: 'CSS did not carry out {action} for account {account}: {apiCode}.{says}',
    cause: 'CSS has an internal error, or it refuses the request for the reason in the code.',
    remedy:
      'Look the code up with "breakwatch explain-code". The next poll tries again. If the error stays, open a ticket with the request id {requestId}.',
  },
  CSS_UNREACHABLE: {
    status: 502,
    message: 'Cannot reach the CSS API of account {account} at {endpoint}: {problem}.',
    cause:
      'The network, DNS or a proxy does not let the request through, or the endpoint is wrong.',
    remedy: 'Check the network, DNS, the proxy (HTTPS_PROXY) and BREAKWATCH_API_ENDPOINT.',
  },
  COLLECTION_BLIND: {
    status: 502,
    message: 'Collection is down for {accounts}: {problem}',
    cause:
      'No poll of these accounts has succeeded for 60 s, or an expected callback did not arrive.',
    remedy:
      'Check the health of the data source and correct the named cause. Breakwatch may miss breaks until then.',
  },
  CSS_BAD_ANSWER: {
    status: 502,
    message: 'The CSS API of account {account} sent an unreadable answer to {action}: {problem}.',
    cause:
      'The endpoint is not the CSS API, a proxy answered with its own page, or the API has changed.',
    remedy: 'Check that BREAKWATCH_API_ENDPOINT is the CSS API and that no proxy answers for it.',
  },
  // Rules
  RULE_FILE_INVALID: {
    status: 500,
    message: '{file}:{line}:{column}: {problem}',
    cause:
      'A rule file has a JSON mistake, an unknown key, or a condition or text that is not valid.',
    remedy: 'Correct the rule file. The last valid rule set stays in force until then.',
  },
  RULE_TEST_FAILED: {
    status: 500,
    message: '{file}: the test "{test}" expects {expected}, but the winner is {winner}.',
    cause: 'A rule or its priority changed, and a test inside a rule file no longer passes.',
    remedy: 'Correct the rule or its test. The last valid rule set stays in force until then.',
  },
  RULE_VALUE_INVALID: {
    status: 400,
    message: 'The operator {operator} does not accept this value: {problem}',
    cause:
      'A comparison of a rule has a value that its operator cannot use: a block of addresses, a time of day, days or a time zone that does not exist, or an empty text.',
    remedy: 'Correct the value. docs/rules.md shows one of each operator.',
  },
  CATALOGUE_BAD_ENTRY: {
    status: 400,
    message: 'The entry of the reason catalogue is not valid: {problem}.',
    cause:
      'A file in the catalogues folder of the own rules has a mistake. The other entries are used.',
    remedy: 'Correct the entry. docs/rules.md lists the keys of a reason and of a text.',
  },
  CATALOGUE_CONTRADICTS: {
    status: 409,
    message:
      'The catalogue gives "{text}" the reason {reason}, but the shipped catalogue has it for {shipped}.',
    cause:
      "A text or code of CSS's documents is in the own catalogue with another reason. The shipped reason is used.",
    remedy: 'Remove the entry. To judge this reason in another way, write a rule of your own.',
  },
  CATALOGUE_AMBIGUOUS: {
    status: 409,
    message:
      'The catalogue gives "{text}" the reason {reason}, but an earlier entry has it for {first}.',
    cause:
      'Two entries of the own catalogue have the same text or code and different reasons. The first one is used.',
    remedy: 'Keep one of the two entries.',
  },
  RULES_FOLDER_MISSING: {
    status: 500,
    message: 'Cannot read the rules folder {folder}: {problem}.',
    cause: 'The folder does not exist, or this user may not read it.',
    remedy:
      'Name a readable folder, as the argument or in BREAKWATCH_RULES. Without that setting, the shipped rules apply.',
  },
  RULES_TARGET_MISSING: {
    status: 400,
    message: 'Cannot check {name}: {problem}.',
    cause:
      'A file or pattern that was given to a rules command matches nothing that could be a rule.',
    remedy: 'Name a rules folder, a .json file in one, or a pattern such as ours/network/*.json.',
  },
  RULE_ID_BAD: {
    status: 400,
    message: '{id} is not a valid rule id: {problem}.',
    cause: 'The id is not category/name, or the category does not exist.',
    remedy:
      'Use category/name with lower-case letters, digits and hyphens, for example client/our-rule.',
  },
  UNKNOWN_RULE: {
    status: 404,
    message: 'No rule in force has the id {id}.',
    cause: 'The id is misspelled, or the rule was removed or renamed.',
    remedy: 'Take the id from GET /api/v1/rules.',
  },
  RULE_EXISTS: {
    status: 409,
    message: 'The file {file} already exists.',
    cause: 'A rule with this id is in the rules folder.',
    remedy: 'Choose another id, or edit the existing rule.',
  },
  RULES_UNWRITABLE: {
    status: 500,
    message: 'Cannot write to the rules folder {folder}: {problem}.',
    cause: 'This user may not write there, or the disk is full.',
    remedy: 'Choose a writable folder with --dir or BREAKWATCH_RULES.',
  },
  GIT_FAILED: {
    status: 500,
    message: 'git cannot read the rules at {revision}: {problem}.',
    cause:
      'The rules folder is not in a git repository, the revision does not exist, or git is not installed.',
    remedy: 'Give a commit, branch or tag of the repository that contains the rules folder.',
  },
  // Store
  DATA_FOLDER_UNWRITABLE: {
    status: 500,
    message: 'Cannot write to the data folder {folder}: {problem}.',
    cause: 'This user may not write there, or the disk is full or read-only.',
    remedy: 'Make the folder writable for this user, or set BREAKWATCH_DATA to another folder.',
  },
  DATA_FOLDER_OWNED: {
    status: 500,
    message: 'The data folder {folder} is in use by another Breakwatch (process {pid}).',
    cause: 'One process at a time may own a data folder, and another one runs.',
    remedy:
      'Stop that process, or set BREAKWATCH_DATA to another folder. A command finds a running server by BREAKWATCH_HOST and BREAKWATCH_PORT, or by --url.',
  },
  DATA_FOLDER_EMPTY: {
    status: 404,
    message: 'The data folder {folder} is empty, and no server answers at {url}.',
    cause: 'The command runs in another folder than the server, or nothing has been collected yet.',
    remedy:
      'Set BREAKWATCH_DATA to the right folder, or give a running server with --url. To collect breaks, start "breakwatch serve" or import a file with "breakwatch import".',
  },
  STORE_FAILED: {
    status: 503,
    message: 'The store failed: {problem}.',
    cause: 'The database reported an error that has no code of its own here.',
    remedy:
      'Check the disk space and the data folder. Breakwatch has acknowledged nothing that it did not store.',
  },
  STORE_FULL: {
    status: 503,
    message: 'The disk of the store is full: {problem}.',
    cause: 'The data folder, the database or something else on the disk has grown.',
    remedy:
      'Free space or enlarge the disk of the data folder, or that of PostgreSQL; Breakwatch then continues without a restart. It has acknowledged nothing that it did not store, and CSS repeats callbacks for 12 minutes. To need less space, keep fewer days: BREAKWATCH_KEEP_DAYS.',
  },
  STORE_DAMAGED: {
    status: 503,
    message: 'A file of the store is damaged: {problem}.',
    cause: 'The disk failed, or another program changed or cut off the file.',
    remedy:
      'Stop Breakwatch, copy the folder and check the disk. If breakwatch.db is damaged, move it away with its -wal and -shm files: the next start derives it again from journal.db, without acknowledgements, notes and feedback. If journal.db is damaged, restore a backup. PostgreSQL: restore its backup.',
  },
  JOURNAL_BEHIND: {
    status: 503,
    message:
      'The journal in {folder} ends at entry {last}, but breaks were derived from entries up to {cursor}.',
    cause:
      'The file journal.db was deleted, emptied or replaced by an older copy, or its disk is not mounted. Breakwatch does not start, because a new journal would hide the loss.',
    remedy:
      'Put the right journal.db back (is its disk mounted?), or restore a backup into a new folder with "breakwatch restore". To go on without the lost entries, start once with --accept-journal-loss: stored breaks stay, but those of lost entries cannot be derived again.',
  },
  FOLDER_NOT_EMPTY: {
    status: 400,
    message: 'The folder {folder} is not empty.',
    cause:
      'A backup or a restored data folder would be written over other files. Breakwatch replaces no file.',
    remedy:
      'Give a folder that does not exist. To restore, stop Breakwatch and move the old data folder away first.',
  },
  BACKUP_INVALID: {
    status: 400,
    message: 'The folder {folder} cannot be used: {problem}.',
    cause:
      'A backup is incomplete or was changed after it was made, or the folder to back up is no data folder.',
    remedy:
      'Use another backup. To make one, set BREAKWATCH_DATA to the data folder of the server.',
  },
  BACKUP_OF_DATABASE: {
    status: 400,
    message:
      'The store is a PostgreSQL database, which "breakwatch backup" and "restore" do not copy.',
    cause: 'They copy the data folder, and a database is configured.',
    remedy:
      'Use the tools of PostgreSQL, for example "pg_dump --format=custom --schema=breakwatch" and pg_restore; docs/configuration.md describes both.',
  },
  STORE_READ_ONLY: {
    status: 503,
    message: 'The store cannot be opened or written: {problem}.',
    cause:
      'Another user owns a file of the data folder, the file system is mounted read-only, or too many files are open. A PostgreSQL server may be a standby, or have default_transaction_read_only set.',
    remedy:
      'Make the folder and every file in it writable for this user, and check the limit of open files. With PostgreSQL, name the primary server in the database URL.',
  },
  STORE_BUSY: {
    status: 503,
    message: 'Another program locks the store: {problem}.',
    cause:
      'Another tool, for example sqlite3, psql or a backup, has the database open or a transaction unfinished.',
    remedy: 'Stop that program. Breakwatch tries again until then.',
  },
  DATABASE_UNREACHABLE: {
    status: 503,
    message: 'PostgreSQL cannot be reached: {problem}.',
    cause: 'The server is stopped, restarts or is in recovery, or the network does not lead to it.',
    remedy:
      'Start PostgreSQL, and check host and port of the database URL. Breakwatch then continues without a restart. Until then it acknowledges nothing, and CSS repeats callbacks for 12 minutes.',
  },
  DATABASE_REFUSED: {
    status: 503,
    message: 'PostgreSQL refuses the connection: {problem}.',
    cause:
      'User, password, database name or certificate is wrong, pg_hba.conf has no line for this machine, or the server has no connection left.',
    remedy:
      'Try the same URL with psql. Check sslmode and sslrootcert of the URL, and max_connections of the server; Breakwatch needs up to 25.',
  },
  DATABASE_NO_RIGHTS: {
    status: 503,
    message: 'The database user lacks a right: {problem}.',
    cause: 'The user does not own the schema of Breakwatch, and may not create it.',
    remedy:
      'As an administrator of the database: CREATE SCHEMA breakwatch AUTHORIZATION the_user. The user needs no other rights.',
  },
  DATABASE_UNSUITABLE: {
    status: 500,
    message: 'The database cannot hold a store: {problem}.',
    cause:
      'Its version or encoding is not supported, it accepts no writes, or a connection pooler is in between.',
    remedy:
      "Connect to PostgreSQL itself, not to a pooler: the primary server of version 15 or newer, and a database made with: CREATE DATABASE breakwatch ENCODING 'UTF8' TEMPLATE template0.",
  },
  DATABASE_OTHER_VERSION: {
    status: 500,
    message:
      'A newer Breakwatch made the tables in the schema {schema} (version {found}, known {known}).',
    cause:
      'Breakwatch was upgraded, an older one was started again, and it cannot use the tables of the newer one.',
    remedy:
      'Nothing was changed. Start the newer version. To go back, restore the dump from before the upgrade into another schema.',
  },
  DATABASE_OWNED: {
    status: 503,
    message: 'Another Breakwatch uses this schema of the database: {owner}.',
    cause:
      'A command that works on the whole database needs it alone, and a server leads there; or this server was replaced by it.',
    remedy:
      'Stop the other one, or give each its own schema. A server that was replaced writes nothing any more, and goes on beside the one that leads.',
  },
  DATABASE_ROWS_MISSING: {
    status: 503,
    message: 'The rows of the table "writer" in the schema {schema} are missing.',
    cause: 'Somebody emptied the table that says which server leads and how far the journal goes.',
    remedy:
      'Nothing: a server makes the rows again within a second, from the tables of the journal. Callbacks are refused until then, and CSS sends them again.',
  },
  CLOCK_DIFFERS: {
    status: 500,
    message: 'The clock of this server is {seconds} s ahead of the database (behind, if negative).',
    cause: 'The clocks of the servers, or that of the database, are not synchronized.',
    remedy:
      'Synchronize the clocks (chrony, NTP). Nothing is lost, and which server leads does not depend on them. But callbacks with a time in the future are refused, and times of arrival are wrong.',
  },
  SERVERS_DIFFER: {
    status: 500,
    message:
      'The server {server} uses this schema of the database with other accounts: {others} instead of {accounts}.',
    cause:
      'Servers with two configurations share one schema: two installations by mistake, or an update of the configuration that has not reached all servers yet.',
    remedy:
      'Give each installation a schema of its own ("schema" below "database" in breakwatch.yaml), or the same accounts to all its servers. Until then, callbacks of an account are taken by the servers that know it, and polled while one of them leads.',
  },
  RULES_FILES_DIFFER: {
    status: 500,
    message:
      'The rules in the folders of this server ({files}) are not those that are published: revision {revision} ({published}).',
    cause:
      'Servers that share a database use the published revision of the rules. The files of this one were edited, or came with another version, and were not published.',
    remedy:
      'Publish them with "breakwatch rules publish" when all servers have them, or give this server the files that are published.',
  },
  RULES_FILES_CHANGED: {
    status: 409,
    message: 'The rules in the folders of this server are {files}, not {wanted}.',
    cause:
      'They were edited meanwhile, or a load balancer chose another server, which has other files.',
    remedy:
      'Run "breakwatch rules publish" again. If servers have different files, give the address of one that has the right ones with --url.',
  },
  RULES_NOT_SHARED: {
    status: 409,
    message: 'This server shares its rules with no other one.',
    cause: 'It stores in SQLite. The rules in its folders are in force as soon as they are valid.',
    remedy: 'Nothing: edit the files.',
  },
  RULES_WAIT: {
    status: 500,
    message: 'Revision {revision} of the rules waits for the server {server}, which {why}.',
    cause:
      'A revision is put in force when every server can run it. This one is of an older version, or hangs.',
    remedy: 'Upgrade or stop that server. Until then, the revision before stays in force.',
  },
  RULES_NEED_NEWER: {
    status: 500,
    message: 'This server cannot run revision {revision} of the rules: it does not know {missing}.',
    cause: 'The rules were published by servers of a newer version.',
    remedy:
      'Upgrade this server, or publish rules that it can run. While it leads, the rules in its own folders are used.',
  },
  NO_LEADER: {
    status: 503,
    message: 'No server that shares this database does this at the moment.',
    cause:
      'One of the servers leads: it derives, groups, notifies and changes what is stored. It has just ended or is not heard of, and another one takes over within ten seconds.',
    remedy:
      'Try again. If it was a change, look first whether it was made. If it stays, look at "cluster" in the answer of /api/v1/health, and at the logs of the servers.',
  },
  DATABASE_MOVE_UNFINISHED: {
    status: 503,
    message:
      'The schema {schema} has a part of the data folder {folder}, whose move is not finished.',
    cause: 'The command "breakwatch database move" was ended, or found a difference at its end.',
    remedy:
      'Run "breakwatch database move --from {folder}" again, which goes on where it ended. To give up instead: DROP SCHEMA {schema} CASCADE. The data folder is unchanged.',
  },
  DATABASE_NOT_EMPTY: {
    status: 400,
    message: 'The schema {schema} already has data: the table {table} is not empty.',
    cause: 'A move would be mixed with the data of a server that used the schema before.',
    remedy:
      'Name another schema with "database: {url: …, schema: …}" in breakwatch.yaml. If its data is not needed: DROP SCHEMA {schema} CASCADE.',
  },
  DATABASE_EMPTY: {
    status: 404,
    message: 'The schema {schema} of the database has no store.',
    cause: 'No server has used the schema yet, or the URL names another database.',
    remedy: 'Check the database URL and the schema, or start the server once.',
  },
  DATA_FOLDER_WITHOUT_STORE: {
    status: 404,
    message: 'The folder {folder} has no SQLite store: {file} is missing.',
    cause: 'The folder is no data folder, or its store was moved or deleted.',
    remedy:
      'Name the folder that BREAKWATCH_DATA names for the server that stores in SQLite (--from of "breakwatch database move").',
  },
  MOVE_SOURCE_CHANGED: {
    status: 400,
    message: 'The data folder {folder} changed after its move had begun.',
    cause: 'A server used the folder between two parts of the move.',
    remedy:
      'Stop that server, then run "breakwatch database move" again with --start-over, which copies everything again.',
  },
  MOVE_DIFFERS: {
    status: 500,
    message: 'The data in the schema {schema} is not that of the data folder: {problem}.',
    cause:
      'Rows of the schema were changed during the move, the data folder is damaged, or this is a fault of Breakwatch.',
    remedy:
      'Run the move again with --start-over. If it differs again, keep the data folder, which is unchanged and can be used as before, and report the message.',
  },
  STORE_NO_LOCKS: {
    status: 500,
    message:
      'The file system of the data folder does not support locks or shared memory: {problem}.',
    cause: 'The data folder is on a network file system such as NFS, SMB or FUSE.',
    remedy: 'Set BREAKWATCH_DATA to a folder on a local disk.',
  },
  STORE_TOO_OLD: {
    status: 500,
    message:
      'The data folder {folder} was written by an older Breakwatch (schema {found}, known {known}).',
    cause: 'Breakwatch was upgraded, and this version uses another layout of the data folder.',
    remedy:
      'Nothing in the folder was changed. With the version that wrote it, run "breakwatch export > breakwatch.jsonl". Then set BREAKWATCH_DATA to a new folder and run "breakwatch import breakwatch.jsonl" with this version.',
  },
  STORE_TOO_NEW: {
    status: 500,
    message:
      'A newer Breakwatch wrote the data folder {folder} (schema {found}; this version knows {known}).',
    cause: 'An older version was started after an upgrade.',
    remedy: 'Run the newer version, or set BREAKWATCH_DATA to another folder.',
  },
  // Setup
  BAD_CONFIG: {
    status: 500,
    message: 'The configuration is not valid: {problem}',
    cause:
      'A setting in breakwatch.yaml or an environment variable is unknown, missing or has a wrong value.',
    remedy: 'Correct the named setting. docs/configuration.md lists all settings.',
  },
  TOKEN_NEEDED_FOR_HOST: {
    status: 500,
    message: 'Breakwatch needs a token to listen on {host}.',
    cause:
      'The address can be reached from other machines, and without a token anybody could read your breaks.',
    remedy: 'Set BREAKWATCH_TOKEN, list tokens in server.tokens, or listen on 127.0.0.1.',
  },
  PORT_IN_USE: {
    status: 500,
    message: 'Port {port} on {host} is already in use.',
    cause: 'Another program, or another Breakwatch, listens on this port.',
    remedy: 'Stop the other program, or set BREAKWATCH_PORT to another port.',
  },
  SERVER_BUSY: {
    status: 503,
    message: 'The server is busy: {waiting} requests are waiting.',
    cause: 'Panels and programs ask for more than the server can answer in time.',
    remedy:
      'Try again in a moment. Long time ranges cost most: refresh such panels less often, shorten the range or filter by account.',
  },
  CONNECTIONS_FULL: {
    status: 503,
    message:
      'The server has {open} connections. Of at most {max}, {limit} are for readers; the others are kept for callbacks.',
    cause:
      'More pages, panels and programs are connected than this process may have open files for.',
    remedy:
      'Close pages that are not used, or raise the limit of open files (ulimit -n, LimitNOFILE of systemd) and restart.',
  },
  STREAM_FULL: {
    status: 503,
    message: 'The event stream has reached its maximum number of clients.',
    cause: 'Too many pages or programs listen to the event stream.',
    remedy: 'Close pages that are not used, or poll /api/v1/breaks instead.',
  },
  // Remote mode
  SERVER_UNREACHABLE: {
    status: 502,
    message: 'Cannot reach the Breakwatch server at {url}: {problem}.',
    cause: 'The server is not running, the URL is wrong, or the network blocks the connection.',
    remedy:
      'Check that "breakwatch serve" is running and that the URL is right (--url, or the data source settings).',
  },
  SERVER_REFUSED: {
    status: 502,
    message: 'The Breakwatch server at {url} refused the request: {problem}.',
    cause: 'The server answered with an error, or another program answers at this URL.',
    // The server's own remedy.
    remedy: '{remedy}.',
  },
  NOT_CONFIGURED: {
    status: 400,
    message: 'The connection settings are not valid: {problem}',
    cause: 'A field of the data source settings, or the option --url, is missing or not valid.',
    remedy: 'Correct the named setting.',
  },
  // Push URLs
  BAD_PUSH_URL: {
    status: 400,
    message: 'This is not a valid push URL: {problem}',
    cause: 'The text is cut off or is another kind of URL, or the shell split it at an &.',
    remedy:
      'Give an rtmp://, webrtc:// or srt:// URL with push domain, AppName and StreamName, in quotes.',
  },
  PUSH_KEY_MISSING: {
    status: 400,
    message: 'No push key is configured for the domain {domain}.',
    cause: 'A push URL can only be signed with the push key of its domain.',
    remedy:
      'Set BREAKWATCH_PUSH_KEY, or pushKeys of the domain in breakwatch.yaml. The command line does not accept keys.',
  },
  // Actions on streams
  ACTIONS_OFF: {
    status: 403,
    message: 'Actions on streams of account {account} are not allowed: {problem}.',
    cause: 'Actions are off by default, need an API key, and over HTTP a server with a token.',
    remedy:
      'Set actions: true for the account in breakwatch.yaml (BREAKWATCH_ACTIONS=1 for the account "default"), with an API key that has the permission. Over HTTP, set BREAKWATCH_TOKEN too.',
  },
  BAD_ACTION: {
    status: 400,
    message: 'The action is not valid: {problem}.',
    cause: 'A field of the action is missing, unknown or has a wrong value.',
    remedy: 'Correct the named field. docs/api.md lists the fields of an action.',
  },
  ACTION_UNCONFIRMED: {
    status: 409,
    message: 'The confirmation is not valid: {problem}.',
    cause: 'The confirmation has expired, was used before, or belongs to another action.',
    remedy:
      'Request a dry run again, and send its confirm value with exactly the same action within 5 minutes.',
  },
  ACTION_LIMIT: {
    status: 429,
    message: 'Account {account} has reached the limit of {count} actions per minute.',
    cause: 'A person or a program acts on many streams at once.',
    remedy: 'Wait a minute. To act on many streams at once, disable the domain in the CSS console.',
  },
  ACTION_FAILED: {
    status: 502,
    message: 'CSS did not {action} the stream: {apiCode} (request id {requestId}). {cause}',
    cause: 'The CSS API answered the action with an error.',
    remedy: '{fix} "breakwatch explain-code {apiCode}" shows this again.',
  },
  AUDIT_FAILED: {
    status: 503,
    message: 'Cannot use the audit log {file}, so no action was carried out: {problem}.',
    cause: 'The data folder is not writable, or its disk is full.',
    remedy: 'Make the data folder writable, and check that its disk has space.',
  },
  EXPORT_FAILED: {
    status: 503,
    message: 'Cannot write {file} to {folder}, so the purge deleted nothing: {problem}.',
    cause:
      'The folder of BREAKWATCH_EXPORT_FOLDER is missing, not writable or full. Old data stays in the store until it is exported.',
    remedy:
      'Make the folder writable for Breakwatch, and give its disk space. The next purge, within an hour, tries again.',
  },
  // Evidence of one break
  UNKNOWN_BREAK: {
    status: 404,
    message: 'No break has the id {id}.',
    cause: 'The id is misspelled, the break was purged, or it was merged into another break.',
    remedy: 'Take the id from "breakwatch export --format breaks" or GET /api/v1/breaks.',
  },
  EVIDENCE_NO_KEY: {
    status: 409,
    message: 'Cannot ask CSS about the break: account {account} has no API key.',
    cause: 'The account has a callback key only.',
    remedy:
      'Set secretId and secretKey of the account (a CAM user with QcloudLIVEReadOnlyAccess); see docs/configuration.md.',
  },
  EVIDENCE_EXPIRED: {
    status: 410,
    message: 'CSS keeps push measurements for {days} days, but the break was at {endedAt}.',
    cause: 'The break is older than what CSS keeps.',
    remedy:
      'Ask for evidence sooner after a break. Push exceptions that CSS called back are kept as long as the break.',
  },
  EVIDENCE_LIMIT: {
    status: 429,
    message:
      'Evidence of {count} breaks of account {account} was requested within a minute, which is the limit.',
    cause: 'Each request for evidence calls the CSS API, whose rate is limited.',
    remedy: 'Wait a minute. Evidence that was fetched before is answered without a call.',
  },
  // Notification channels
  NOTIFICATION_FAILED: {
    status: 502,
    message: 'The notification channel {channel} failed: {problem}.',
    cause: 'The receiver is down, cannot be reached, or answered that it is busy.',
    remedy: 'Wait: Breakwatch tries again. Check that the receiver runs and can be reached.',
  },
  NOTIFICATION_REFUSED: {
    status: 502,
    message: 'The receiver of the notification channel {channel} refused the notice: {problem}.',
    cause:
      'The URL, the secret or the type of the channel is wrong, so trying again would not help.',
    remedy:
      'Correct the channel in breakwatch.yaml, try it with "breakwatch alerts test", then send again with "breakwatch alerts resend ID".',
  },
  CHANNEL_UNKNOWN: {
    status: 404,
    message: 'No notification channel is named {channel} (known: {known}).',
    cause: 'The name is misspelled, or the channel was removed from breakwatch.yaml.',
    remedy: 'Use one of the names under alerts.channels in breakwatch.yaml.',
  },
  NO_CHANNELS: {
    status: 404,
    message: 'No notification channel is configured.',
    cause: 'The configuration has no alerts.channels, so only a Grafana rule can notify.',
    remedy:
      'Add an Alertmanager or a webhook under alerts.channels in breakwatch.yaml (docs/alerts.md).',
  },
  NOTICE_UNKNOWN: {
    status: 404,
    message: 'The outbox has no notice {id}.',
    cause: 'The notice was sent or dropped, or the id is misspelled.',
    remedy: 'List the notices with "breakwatch alerts outbox". Sent notices are no longer in it.',
  },
  NOTICES_GIVEN_UP: {
    status: 502,
    message: 'The notification channel {channel} failed to send {count} notices and gave up.',
    cause: 'The receiver refused them, or could not be reached for longer than alerts.retryHours.',
    remedy: 'Run "breakwatch alerts outbox", correct the cause, then resend or drop the notices.',
  },
  ALERT_ROUTE_TWICE: {
    status: 500,
    message: '{first} and {second} both notify about the same alerts.',
    cause: 'The filters of the two channels overlap, so the on-call gets each alert twice.',
    remedy:
      'Narrow one of them by accounts, categories or severities. If it is intended, set allowDuplicates: true for the channel, or grafanaAlerting: false if no Grafana rule of Breakwatch notifies.',
  },
  // Notes and feedback on incidents
  UNKNOWN_INCIDENT: {
    status: 404,
    message: 'No incident has the id {id}.',
    cause: 'The id is misspelled, or the incident is older than the retention period.',
    remedy: 'Take the id from an incident query or from an alert.',
  },
  BAD_REMARK: {
    status: 400,
    message: 'The note or feedback is not valid: {problem}.',
    cause: 'A field is missing, has a wrong value or is too long.',
    remedy: 'Correct the named field. docs/api.md lists the fields.',
  },
  // Anything else
  INTERNAL: {
    status: 500,
    message: 'Breakwatch had an internal error: {problem}.',
    cause: 'A case that the code does not expect, which is a bug.',
    remedy: 'Report it together with the log lines around it.',
  },
} as const satisfies Record<
  string,
  { status: number; message: string; cause: string; remedy: string }
>;

/** Code of a catalogued error. */
export type ErrorCode = keyof typeof ERROR_CATALOGUE;
