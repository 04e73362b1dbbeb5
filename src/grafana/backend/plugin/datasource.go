// Package plugin answers Grafana by asking a Breakwatch server. It knows HTTP and frames, and nothing about breaks.
package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/backend/resource/httpadapter"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental/concurrent"
)

const (
	// Grafana tries a failed alert query three times within its interval of 10 s.
	alertLimit = 2800 * time.Millisecond
	// Grafana waits 0.9 s at least before it tries again.
	alertMemory = 800 * time.Millisecond
	// The server waits up to 8 s for the first poll before it answers a check.
	healthLimit = 12 * time.Second
	// An embedded server starts first.
	embeddedHealthLimit = 25 * time.Second
	// The maximum of the server's contract.
	maxDataPoints = 1_000_000
	// Queries of one request that are asked at the same time; the maximum of the SDK.
	maxConcurrent = 10
)

// Datasource answers the calls of Grafana for one data source. It implements the handlers of the SDK.
type Datasource struct {
	backend.CallResourceHandler
	mode   string
	source source
	// Why the settings cannot be used; then there is no source.
	problem *failure
	hide    *redactor
	cache   answerCache
	// The last alert query without an answer. Grafana asks the queries of a rule one after the other.
	unanswered atomic.Pointer[failure]
}

// source is where a data source gets its answers.
type source interface {
	// server returns the server to ask. It waits for one that is starting.
	server(ctx context.Context) (*server, error)
	close()
}

var (
	_ backend.QueryDataHandler      = (*Datasource)(nil)
	_ backend.CheckHealthHandler    = (*Datasource)(nil)
	_ instancemgmt.InstanceDisposer = (*Datasource)(nil)
)

// New creates a data source from its settings. It returns no error: settings that cannot be used are the answer
// to each query and to the health check, where the user sees them.
func New(ctx context.Context, given backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	d := &Datasource{mode: modeRemote, hide: newRedactor(given.DecryptedSecureJSONData)}
	d.CallResourceHandler = httpadapter.New(http.HandlerFunc(d.serveResource))
	settings, err := readSettings(given)
	if settings.Mode != "" {
		d.mode = settings.Mode
	}
	if err == nil {
		d.source, err = openSource(ctx, given, settings)
	}
	if err != nil {
		d.problem = asFailure(err)
	}
	return d, nil
}

func openSource(ctx context.Context, given backend.DataSourceInstanceSettings, settings settings) (source, error) {
	if settings.Mode == modeEmbedded {
		return openEmbedded(ctx, given, settings)
	}
	// A nil pointer in an interface is not nil.
	remote, err := newRemoteServer(ctx, given, settings)
	if err != nil {
		return nil, err
	}
	return remote, nil
}

// Dispose implements instancemgmt.InstanceDisposer.
func (d *Datasource) Dispose() {
	if d.source != nil {
		d.source.close()
	}
}

func (d *Datasource) server(ctx context.Context) (*server, error) {
	if d.problem != nil {
		return nil, d.problem
	}
	return d.source.server(ctx)
}

// QueryData implements backend.QueryDataHandler. Each query has its own answer or error.
func (d *Datasource) QueryData(ctx context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	isAlert := isFromAlert(req.Headers)
	if isAlert {
		var cancel context.CancelFunc
		ctx, cancel = withLimit(ctx, alertLimit)
		defer cancel()
	}
	return concurrent.QueryData(ctx, req, func(ctx context.Context, query concurrent.Query) backend.DataResponse {
		frames, err := d.answer(ctx, query.DataQuery, isAlert)
		if err != nil {
			return d.failed(err)
		}
		return backend.DataResponse{Status: backend.StatusOK, Frames: frames}
	}, maxConcurrent)
}

// isFromAlert tells whether an alert rule asks. Grafana writes the header with and without its prefix.
func isFromAlert(headers map[string]string) bool {
	for name, value := range headers {
		if strings.EqualFold(strings.TrimPrefix(name, "http_"), "FromAlert") {
			return value == "true"
		}
	}
	return false
}

func (d *Datasource) answer(ctx context.Context, query backend.DataQuery, isAlert bool) (frames data.Frames, err error) {
	// The SDK would log and answer the text of a panic as it is, perhaps with a secret.
	defer recovered(&err)
	if !isAlert {
		query.TimeRange = aligned(query.TimeRange, time.Now())
	}
	body, err := framesRequest(query, isAlert)
	if err != nil {
		return nil, err
	}
	server, err := d.server(ctx)
	if err != nil {
		return nil, err
	}
	if last := d.unanswered.Load(); isAlert && last != nil && time.Since(last.at) < alertMemory {
		return nil, last
	}
	frames, err = d.frames(ctx, server, body, isAlert)
	if err != nil && isAlert && ctx.Err() != nil {
		d.unanswered.Store(asFailure(err))
	}
	return frames, err
}

// frames asks for the answer to one query. Panels share answers; an alert rule always asks the server itself.
func (d *Datasource) frames(ctx context.Context, server *server, body []byte, isAlert bool) (data.Frames, error) {
	var answer []byte
	var err error
	if isAlert {
		answer, err = server.ask(ctx, http.MethodPost, "api/v1/frames", nil, body)
	} else {
		answer, err = d.cache.get(ctx, string(body), func(ctx context.Context) ([]byte, error) {
			return server.askForPanel(ctx, http.MethodPost, "api/v1/frames", nil, body)
		})
	}
	if err != nil {
		return nil, err
	}
	// Each caller reads frames of its own, because the SDK may change them.
	frames, err := readFrames(answer)
	if err != nil {
		return nil, server.refused("its answer is unreadable: "+err.Error(), "")
	}
	return frames, nil
}

// framesRequest is the body of POST /api/v1/frames. The query itself is passed on as it is stored.
func framesRequest(query backend.DataQuery, isAlert bool) ([]byte, error) {
	var stored map[string]json.RawMessage
	if err := json.Unmarshal(query.JSON, &stored); err != nil || stored == nil {
		return nil, badQuery("the query must be a JSON object")
	}
	set := func(name, value string) {
		text, _ := json.Marshal(value)
		stored[name] = text
	}
	set("refId", query.RefID)
	// Older dashboards and hand-written provisioning have the type beside the JSON only.
	if _, found := stored["queryType"]; !found && query.QueryType != "" {
		set("queryType", query.QueryType)
	}
	return json.Marshal(struct {
		From          int64                      `json:"from"`
		To            int64                      `json:"to"`
		MaxDataPoints int64                      `json:"maxDataPoints,omitempty"`
		Alert         bool                       `json:"alert"`
		Query         map[string]json.RawMessage `json:"query"`
	}{
		From:          query.TimeRange.From.UnixMilli(),
		To:            query.TimeRange.To.UnixMilli(),
		MaxDataPoints: min(max(query.MaxDataPoints, 0), maxDataPoints),
		Alert:         isAlert,
		Query:         stored,
	})
}

func (d *Datasource) failed(err error) backend.DataResponse {
	failure := asFailure(err)
	return backend.ErrDataResponseWithSource(
		backend.Status(failure.status), failure.source, d.hide.clean(d.textOf(failure)))
}

func (d *Datasource) textOf(failure *failure) string {
	if d.mode == modeEmbedded {
		return ofSettings(failure.Error())
	}
	return failure.Error()
}

// CheckHealth implements backend.CheckHealthHandler, which "Save & test" calls.
func (d *Datasource) CheckHealth(ctx context.Context, _ *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	limit := healthLimit
	if d.mode == modeEmbedded {
		limit = embeddedHealthLimit
	}
	ctx, cancel := withLimit(ctx, limit)
	defer cancel()
	var checked *checkAnswer
	server, err := d.server(ctx)
	if err == nil {
		checked, err = server.check(ctx)
	}
	if err != nil {
		failure := asFailure(err)
		details, _ := json.Marshal(map[string]any{"mode": d.mode, "error": map[string]string{"code": failure.code}})
		return &backend.CheckHealthResult{
			Status: backend.HealthStatusError, Message: d.hide.clean(d.textOf(failure)), JSONDetails: details,
		}, nil
	}
	status, message := backend.HealthStatusOk, checked.Message
	if !checked.OK {
		status = backend.HealthStatusError
	}
	if d.mode == modeEmbedded {
		message = ofSettings(message)
	}
	details, _ := json.Marshal(map[string]any{"mode": d.mode, "health": checked.Health})
	return &backend.CheckHealthResult{Status: status, Message: d.hide.clean(message), JSONDetails: details}, nil
}

// Resources by the first part of their path, with the number of parts. They are routes of the server too.
var resources = map[string]int{"values": 2, "lookup": 1, "health": 1}

// serveResource answers `values/<filter>`, `lookup` and `health`, as the routes of that name below /api/v1 do.
func (d *Datasource) serveResource(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	body, err := d.resource(r)
	if err != nil {
		failure := asFailure(err)
		w.WriteHeader(failure.status)
		body, _ = json.Marshal(map[string]any{
			"error": map[string]string{"code": failure.code, "message": d.hide.clean(d.textOf(failure))},
		})
	}
	_, _ = w.Write(body)
}

func (d *Datasource) resource(r *http.Request) ([]byte, error) {
	path := strings.Trim(r.URL.Path, "/")
	parts := strings.Split(path, "/")
	if resources[parts[0]] != len(parts) || parts[len(parts)-1] == "" || strings.Contains(path, "..") {
		return nil, notFound(path)
	}
	if r.Method != http.MethodGet {
		return nil, notOurs("BAD_QUERY", http.StatusMethodNotAllowed,
			fmt.Sprintf("%s is not supported at /%s. Use GET.", r.Method, path))
	}
	server, err := d.server(r.Context())
	if err != nil {
		return nil, err
	}
	return server.askForPanel(r.Context(), http.MethodGet, "api/v1/"+path, r.URL.Query(), nil)
}
