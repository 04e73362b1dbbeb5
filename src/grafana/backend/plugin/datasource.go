// Package plugin answers Grafana by asking a Breakwatch server. It knows HTTP and frames, and nothing about breaks.
package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"
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
)

// Datasource answers the calls of Grafana for one data source. It implements the handlers of the SDK.
type Datasource struct {
	mode   string
	source source
	// Why the settings cannot be used; then there is no source.
	problem *failure
	hide    *redactor
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
	_ backend.CallResourceHandler   = (*Datasource)(nil)
	_ instancemgmt.InstanceDisposer = (*Datasource)(nil)
)

// New creates a data source from its settings. It returns no error: settings that cannot be used are the answer
// to each query and to the health check, where the user sees them.
func New(ctx context.Context, given backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	d := &Datasource{mode: modeRemote, hide: newRedactor(given.DecryptedSecureJSONData)}
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
	response := backend.NewQueryDataResponse()
	var mutex sync.Mutex
	var group sync.WaitGroup
	for _, query := range req.Queries {
		group.Go(func() {
			answer := d.answer(ctx, query, isAlert)
			mutex.Lock()
			defer mutex.Unlock()
			response.Responses[query.RefID] = answer
		})
	}
	group.Wait()
	return response, nil
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

func (d *Datasource) answer(ctx context.Context, query backend.DataQuery, isAlert bool) (response backend.DataResponse) {
	defer func() {
		// A panic here would end the plugin, and with it the answers of all data sources.
		if thrown := recover(); thrown != nil {
			log.DefaultLogger.Error("a query failed unexpectedly", "error", d.hide.clean(fmt.Sprint(thrown)))
			response = d.failed(internal(fmt.Sprint(thrown)))
		}
	}()
	body, err := framesRequest(query, isAlert)
	if err != nil {
		return d.failed(err)
	}
	server, err := d.server(ctx)
	if err != nil {
		return d.failed(err)
	}
	if last := d.unanswered.Load(); isAlert && last != nil && time.Since(last.at) < alertMemory {
		return d.failed(last)
	}
	frames, err := server.frames(ctx, body)
	if err != nil {
		if isAlert && ctx.Err() != nil {
			d.unanswered.Store(asFailure(err))
		}
		return d.failed(err)
	}
	return backend.DataResponse{Status: backend.StatusOK, Frames: frames}
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
	checked, err := d.check(ctx)
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

func (d *Datasource) check(ctx context.Context) (*checkAnswer, error) {
	server, err := d.server(ctx)
	if err != nil {
		return nil, err
	}
	return server.check(ctx)
}

// Resources by the first part of their path, with the number of parts. They are routes of the server too.
var resources = map[string]int{"values": 2, "lookup": 1, "health": 1}

// CallResource implements backend.CallResourceHandler: `values/<filter>`, `lookup` and `health`, as the routes of
// that name below /api/v1 answer them.
func (d *Datasource) CallResource(ctx context.Context, req *backend.CallResourceRequest, sender backend.CallResourceResponseSender) error {
	status := http.StatusOK
	body, err := d.resource(ctx, req)
	if err != nil {
		failure := asFailure(err)
		status = failure.status
		body, _ = json.Marshal(map[string]any{
			"error": map[string]string{"code": failure.code, "message": d.hide.clean(d.textOf(failure))},
		})
	}
	return sender.Send(&backend.CallResourceResponse{
		Status:  status,
		Headers: map[string][]string{"Content-Type": {"application/json; charset=utf-8"}},
		Body:    body,
	})
}

func (d *Datasource) resource(ctx context.Context, req *backend.CallResourceRequest) ([]byte, error) {
	path := strings.Trim(req.Path, "/")
	parts := strings.Split(path, "/")
	if resources[parts[0]] != len(parts) || parts[len(parts)-1] == "" || strings.Contains(path, "..") {
		return nil, notFound(path)
	}
	if req.Method != http.MethodGet {
		return nil, &failure{code: "BAD_QUERY", status: http.StatusMethodNotAllowed, source: backend.ErrorSourceDownstream,
			text: fmt.Sprintf("%s is not supported at /%s. Use GET.", req.Method, path)}
	}
	search := url.Values{}
	if asked, err := url.Parse(req.URL); err == nil {
		search = asked.Query()
	}
	server, err := d.server(ctx)
	if err != nil {
		return nil, err
	}
	return server.ask(ctx, http.MethodGet, "api/v1/"+path, search, nil)
}
