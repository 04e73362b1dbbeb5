//go:build embedded

package plugin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// Servers that run, by data folder: one process owns a folder.
var (
	runningMutex sync.Mutex
	running      = map[string]*embeddedServer{}
)

// openEmbedded starts a server for this data source, or returns the one that runs with the same settings. It collects
// until the data source is changed or the plugin ends, whether or not anybody queries.
func openEmbedded(ctx context.Context, given backend.DataSourceInstanceSettings, settings settings) (source, error) {
	folder, err := dataFolderOf(ctx, given, settings)
	if err != nil {
		return nil, err
	}
	program, err := findProgram()
	if err != nil {
		return nil, err
	}
	input := serverInput{
		DataFolder:  folder,
		RulesFolder: os.Getenv("GF_PLUGIN_RULES_PATH"),
		SecretKey:   strings.TrimSpace(given.DecryptedSecureJSONData["secretKey"]),
		Settings:    given.JSONData,
	}

	runningMutex.Lock()
	defer runningMutex.Unlock()
	previous := running[folder]
	if previous != nil && reflect.DeepEqual(previous.input, input) {
		previous.users++
		return previous, nil
	}
	e := &embeddedServer{
		input: input, program: program, users: 1,
		hide:    newRedactor(given.DecryptedSecureJSONData),
		changed: make(chan struct{}), done: make(chan struct{}),
	}
	ctx, e.stop = context.WithCancel(context.Background())
	running[folder] = e
	go func() {
		defer close(e.done)
		if previous != nil {
			// The data folder must be free.
			previous.stop()
			<-previous.done
		}
		e.run(ctx)
	}()
	return e, nil
}

// CloseAll ends all embedded servers.
func CloseAll() {
	runningMutex.Lock()
	defer runningMutex.Unlock()
	for _, one := range running {
		one.stop()
	}
	for _, one := range running {
		<-one.done
	}
}

// dataFolderOf returns the folder of the settings, else one below GF_PLUGIN_DATA_PATH. It is never below HOME or the
// working directory, which belong to Grafana.
func dataFolderOf(ctx context.Context, given backend.DataSourceInstanceSettings, settings settings) (string, error) {
	if settings.DataFolder != "" {
		if !filepath.IsAbs(settings.DataFolder) {
			return "", notConfigured(fmt.Sprintf("Data folder (dataFolder) is %q; it must be an absolute path.", settings.DataFolder))
		}
		return filepath.Clean(settings.DataFolder), nil
	}
	base := os.Getenv("GF_PLUGIN_DATA_PATH")
	if base == "" {
		return "", notConfigured("there is no data folder. Fill in Data folder (dataFolder), or set data_path in the section [plugin.breakwatch-css-datasource] of grafana.ini (GF_PLUGIN_DATA_PATH).")
	}
	if !filepath.IsAbs(base) {
		return "", notConfigured(fmt.Sprintf("GF_PLUGIN_DATA_PATH (data_path in grafana.ini) is %q; it must be an absolute path.", base))
	}
	uid := regexp.MustCompile(`[^A-Za-z0-9_-]`).ReplaceAllString(given.UID, "_")
	if uid == "" {
		uid = "default"
	}
	orgID := backend.PluginConfigFromContext(ctx).OrgID
	return filepath.Join(base, fmt.Sprintf("%d-%s", orgID, uid)), nil
}

// embeddedServer runs `breakwatch` as a child process and starts it again when it ends.
type embeddedServer struct {
	input   serverInput
	program program
	hide    *redactor
	users   int
	stop    context.CancelFunc
	done    chan struct{}

	mutex sync.Mutex
	// Closed when current or problem changes.
	changed chan struct{}
	current *server
	problem *failure
}

// server implements source. It waits for a server that is starting.
func (e *embeddedServer) server(ctx context.Context) (*server, error) {
	for {
		e.mutex.Lock()
		current, problem, changed := e.current, e.problem, e.changed
		e.mutex.Unlock()
		if current != nil {
			return current, nil
		}
		if problem != nil {
			return nil, problem
		}
		select {
		case <-changed:
		case <-e.done:
			return nil, cancelled()
		case <-ctx.Done():
			var late noAnswer
			if errors.As(context.Cause(ctx), &late) {
				return nil, embeddedFailure(fmt.Sprintf("it is starting; it did not answer within %s", time.Duration(late)))
			}
			return nil, cancelled()
		}
	}
}

// close implements source.
func (e *embeddedServer) close() {
	runningMutex.Lock()
	defer runningMutex.Unlock()
	e.users--
	if e.users == 0 {
		e.stop()
		if running[e.input.DataFolder] == e {
			delete(running, e.input.DataFolder)
		}
	}
}

func (e *embeddedServer) set(current *server, problem *failure) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.current, e.problem = current, problem
	close(e.changed)
	e.changed = make(chan struct{})
}

func embeddedFailure(problem string) *failure {
	return &failure{
		code: "SERVER_UNREACHABLE", status: http.StatusBadGateway, source: backend.ErrorSourcePlugin,
		text: fmt.Sprintf("The embedded Breakwatch server does not work: %s. Read Grafana's log.", strings.TrimSuffix(problem, ".")),
	}
}
