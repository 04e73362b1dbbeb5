package plugin

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// failure is an error as users of Grafana see it: what is wrong and what to do. Its codes are those of
// docs/errors.md.
type failure struct {
	code string
	text string
	// HTTP status.
	status int
	// Who has to correct it: this plugin, or settings, query and server.
	source backend.ErrorSource
	// When it happened, if that matters.
	at time.Time
}

func (f *failure) Error() string { return f.text }

// asFailure returns the failure inside an error. Any other error is a bug of this plugin.
func asFailure(err error) *failure {
	var found *failure
	if errors.As(err, &found) {
		return found
	}
	return internal(err.Error())
}

func internal(problem string) *failure {
	return &failure{
		code: "INTERNAL", status: http.StatusInternalServerError, source: backend.ErrorSourcePlugin,
		text: fmt.Sprintf("The plugin failed unexpectedly: %s. Read Grafana's log and report it.", problem),
	}
}

// recovered makes an error of a panic, which would end the plugin: `defer recovered(&err)`.
func recovered(err *error) {
	if thrown := recover(); thrown != nil {
		*err = fmt.Errorf("%v", thrown)
	}
}

// notOurs is a failure that settings, query or server have to correct.
func notOurs(code string, status int, text string) *failure {
	return &failure{code: code, status: status, source: backend.ErrorSourceDownstream, text: text}
}

func notConfigured(problem string) *failure {
	text := fmt.Sprintf("The connection settings are not valid: %s Correct the named setting.", problem)
	return notOurs("NOT_CONFIGURED", http.StatusBadRequest, text)
}

func badQuery(problem string) *failure {
	return notOurs("BAD_QUERY", http.StatusBadRequest, fmt.Sprintf("The query is not valid: %s.", problem))
}

func notFound(path string) *failure {
	return notOurs("NOT_FOUND", http.StatusNotFound, fmt.Sprintf("There is no resource /%.200s.", path))
}

// cancelled has the status that proxies use for a client that left.
func cancelled() *failure {
	return notOurs("CANCELLED", 499, "The request was cancelled.")
}

func (s *server) unreachable(problem string) *failure {
	return &failure{
		code: "SERVER_UNREACHABLE", status: http.StatusBadGateway, source: backend.ErrorSourceDownstream, at: time.Now(),
		text: fmt.Sprintf("Cannot reach %s: %s. %s", s.name, strings.TrimSuffix(problem, "."), s.remedy),
	}
}

// refused is about an answer that is not usable: an error of its own, or the answer of another program.
func (s *server) refused(problem, remedy string) *failure {
	if remedy == "" {
		remedy = "Check that Breakwatch listens at this address, and that no proxy in between asks for a login."
	}
	return notOurs("SERVER_REFUSED", http.StatusBadGateway, fmt.Sprintf("%s refused the request: %s. %s",
		strings.ToUpper(s.name[:1])+s.name[1:], strings.TrimSuffix(problem, "."), remedy))
}
