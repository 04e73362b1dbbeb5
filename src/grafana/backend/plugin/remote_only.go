//go:build !embedded

package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// openEmbedded reports that this build has no embedded mode: it starts no processes and touches no files.
func openEmbedded(context.Context, backend.DataSourceInstanceSettings, settings) (source, error) {
	return nil, notConfigured("Mode (mode) is embedded, which this package does not have. Install the full package of the plugin, or use a Breakwatch server elsewhere (mode remote).")
}

// CloseAll has nothing to close in this build.
func CloseAll() {}
