// gpx_breakwatch is the backend of the Breakwatch data source. Grafana starts it and talks to it over gRPC.
package main

import (
	"os"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend/datasource"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	"breakwatch-css-datasource/plugin"
)

const pluginID = "breakwatch-css-datasource"

func main() {
	go endWithParent(os.Getppid())
	err := datasource.Manage(pluginID, plugin.New, datasource.ManageOpts{})
	plugin.CloseAll()
	if err != nil {
		log.DefaultLogger.Error("the backend ended with an error", "error", err)
		os.Exit(1)
	}
}

// endWithParent ends this process when Grafana is gone. Grafana stops its plugins, but a killed Grafana cannot.
func endWithParent(parent int) {
	for range time.Tick(time.Second) {
		if os.Getppid() != parent {
			log.DefaultLogger.Warn("Grafana is gone, so the backend ends")
			plugin.CloseAll()
			os.Exit(0)
		}
	}
}
