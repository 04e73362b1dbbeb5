package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

var (
	from = time.UnixMilli(1_790_000_000_000)
	to   = from.Add(time.Hour)
)

const oneFrame = `{"frames":[{"schema":{"name":"series","refId":"A","fields":[` +
	`{"name":"time","type":"time","typeInfo":{"frame":"time.Time"}},` +
	`{"name":"count","type":"number","typeInfo":{"frame":"float64","nullable":true},"labels":{"category":"auth"}}]},` +
	`"data":{"values":[[1790000000000,1790000000001],[2,null]]}}]}`

// seen is a request that reached the server.
type seen struct {
	path   string
	body   string
	header http.Header
}

// breakwatch is a server whose answers a test chooses.
type breakwatch struct {
	*httptest.Server
	mutex    sync.Mutex
	requests []seen
}

func (b *breakwatch) last(t *testing.T) seen {
	t.Helper()
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if len(b.requests) == 0 {
		t.Fatal("no request reached the server")
	}
	return b.requests[len(b.requests)-1]
}

func record(b *breakwatch, answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/healthz" {
			b.mutex.Lock()
			b.requests = append(b.requests, seen{path: r.URL.RequestURI(), body: string(body), header: r.Header})
			b.mutex.Unlock()
		}
		answer(w, r)
	}
}

func serve(t *testing.T, answer http.HandlerFunc) *breakwatch {
	t.Helper()
	b := &breakwatch{}
	b.Server = httptest.NewServer(record(b, answer))
	t.Cleanup(b.Close)
	return b
}

func reply(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func open(t *testing.T, settings map[string]any, secrets map[string]string) *Datasource {
	t.Helper()
	text, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	return openGiven(t, backend.DataSourceInstanceSettings{JSONData: text, DecryptedSecureJSONData: secrets})
}

func openGiven(t *testing.T, given backend.DataSourceInstanceSettings) *Datasource {
	t.Helper()
	given.Name, given.Type = "Breakwatch", "breakwatch-css-datasource"
	instance, err := New(context.Background(), given)
	if err != nil {
		t.Fatal(err)
	}
	d := instance.(*Datasource)
	t.Cleanup(d.Dispose)
	return d
}

func query(refID, model string) backend.DataQuery {
	return backend.DataQuery{
		RefID: refID, JSON: json.RawMessage(model), MaxDataPoints: 500, TimeRange: backend.TimeRange{From: from, To: to},
	}
}

func ask(t *testing.T, d *Datasource, headers map[string]string, queries ...backend.DataQuery) backend.Responses {
	t.Helper()
	answer, err := d.QueryData(context.Background(), &backend.QueryDataRequest{Queries: queries, Headers: headers})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Responses
}

// mustFail expects an error and no frame: an empty frame would read as "no breaks".
func mustFail(t *testing.T, response backend.DataResponse, status int, parts ...string) {
	t.Helper()
	if response.Error == nil || len(response.Frames) > 0 {
		t.Fatalf("expected an error without frames, got %+v", response)
	}
	if int(response.Status) != status {
		t.Errorf("status is %d, not %d: %s", response.Status, status, response.Error)
	}
	for _, part := range parts {
		if !strings.Contains(response.Error.Error(), part) {
			t.Errorf("%q does not contain %q", response.Error, part)
		}
	}
}

func TestQueryIsPassedOn(t *testing.T) {
	b := serve(t, reply(200, oneFrame))
	d := open(t, map[string]any{"url": b.URL + "/breakwatch/"}, map[string]string{"token": "open-sesame"})
	stored := `{"queryType":"series","groupBy":["category"],"datasource":{"uid":"x"}}`
	responses := ask(t, d, nil, query("B", stored))
	answer := responses["B"]
	if answer.Error != nil || answer.Status != backend.StatusOK {
		t.Fatalf("failed: %+v", answer)
	}
	frame := answer.Frames[0]
	if frame.Name != "series" || frame.Fields[1].Labels["category"] != "auth" {
		t.Errorf("wrong frame: %+v", frame)
	}
	if at := frame.Fields[0].At(1).(time.Time); !at.Equal(from.Add(time.Millisecond)) {
		t.Errorf("wrong time: %s", at)
	}
	if value, found := frame.Fields[1].ConcreteAt(1); found {
		t.Errorf("a missing value is %v", value)
	}
	request := b.last(t)
	if request.path != "/breakwatch/api/v1/frames" || request.header.Get("Authorization") != "Bearer open-sesame" {
		t.Errorf("wrong request: %+v", request)
	}
	want := `{"from":1790000000000,"to":1790003600000,"maxDataPoints":500,"alert":false,"query":` +
		`{"datasource":{"uid":"x"},"groupBy":["category"],"queryType":"series","refId":"B"}}`
	if request.body != want {
		t.Errorf("sent %s", request.body)
	}
}

func TestAlertIsMarked(t *testing.T) {
	b := serve(t, reply(200, oneFrame))
	d := open(t, map[string]any{"url": b.URL}, nil)
	for _, header := range []string{"FromAlert", "http_FromAlert"} {
		one := query("A", `{}`)
		one.QueryType = "alerts"
		ask(t, d, map[string]string{header: "true"}, one)
		if body := b.last(t).body; !strings.Contains(body, `"alert":true`) || !strings.Contains(body, `"queryType":"alerts"`) {
			t.Errorf("sent %s", body)
		}
	}
}

func TestQueriesFailAlone(t *testing.T) {
	b := serve(t, func(w http.ResponseWriter, r *http.Request) { reply(200, oneFrame)(w, r) })
	d := open(t, map[string]any{"url": b.URL}, nil)
	responses := ask(t, d, nil, query("A", `{}`), query("B", `[]`), query("C", `{`))
	if responses["A"].Error != nil {
		t.Errorf("A failed: %s", responses["A"].Error)
	}
	mustFail(t, responses["B"], 400, "The query is not valid")
	mustFail(t, responses["C"], 400, "The query is not valid")
}

func TestErrorsOfTheServer(t *testing.T) {
	refused := func(code, message string) string {
		return fmt.Sprintf(`{"error":{"code":%q,"message":%q,"remedy":"Do this."}}`, code, message)
	}
	tests := []struct {
		name   string
		status int
		body   string
		want   int
		parts  []string
	}{
		{"a wrong query", 400, refused("BAD_QUERY", "limit is wrong."), 400, []string{"limit is wrong. Do this."}},
		{"blind collection", 502, refused("COLLECTION_BLIND", "Collection is down for shop: x."), 502, []string{"Collection is down for shop"}},
		{"a full queue", 503, refused("SERVER_BUSY", "Busy."), 503, []string{"Busy."}},
		{"a wrong token", 401, refused("TOKEN_REQUIRED", "No token."), 502, []string{"TOKEN_REQUIRED", "data source settings"}},
		{"an older server", 404, refused("NOT_FOUND", "No such path."), 502, []string{"older than this plugin"}},
		{"a proxy's error page", 500, "<html>", 502, []string{"HTTP 500", "not of Breakwatch"}},
		{"a login page", 302, "", 502, []string{"redirects", "HTTP 302"}},
		{"no JSON", 200, "<html>", 502, []string{"unreadable"}},
		{"half an answer", 200, oneFrame[:200], 502, []string{"unreadable"}},
		{"no frames", 200, `{}`, 502, []string{"it has no frames"}},
		{"too many columns", 200, `{"frames":[{"schema":{"fields":[{"name":"a","typeInfo":{"frame":"bool"}}]},"data":{"values":[[true],[true]]}}]}`, 502, []string{"unreadable"}},
		{"a value of another type", 200, `{"frames":[{"schema":{"fields":[{"name":"a","typeInfo":{"frame":"bool"}}]},"data":{"values":[["x"]]}}]}`, 502, []string{"unreadable"}},
		{"a type that does not exist", 200, `{"frames":[{"schema":{"fields":[{"name":"a","typeInfo":{"frame":"decimal"}}]},"data":{"values":[[1]]}}]}`, 502, []string{"unreadable"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", "/login")
				reply(test.status, test.body)(w, r)
			})
			d := open(t, map[string]any{"url": b.URL}, nil)
			answer := ask(t, d, nil, query("A", `{}`))["A"]
			mustFail(t, answer, test.want, test.parts...)
			if answer.ErrorSource != backend.ErrorSourceDownstream {
				t.Errorf("source is %s", answer.ErrorSource)
			}
		})
	}
}

func TestAnswerThatEndsEarly(t *testing.T) {
	b := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, oneFrame)
	})
	d := open(t, map[string]any{"url": b.URL}, nil)
	mustFail(t, ask(t, d, nil, query("A", `{}`))["A"], 502, "Cannot reach the Breakwatch server")
}

func TestServerThatIsGone(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	_ = listener.Close()
	d := open(t, map[string]any{"url": address}, nil)
	mustFail(t, ask(t, d, nil, query("A", `{}`))["A"], 502,
		"Cannot reach the Breakwatch server at "+address, "connection refused", `Check that "breakwatch serve" is running`)
}

// hang answers nothing: neither requests nor probes.
func hang(t *testing.T) *breakwatch {
	t.Helper()
	release := make(chan struct{})
	b := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(release) })
	return b
}

func TestRuleWithManyQueriesFailsAtOnce(t *testing.T) {
	b := hang(t)
	d := open(t, map[string]any{"url": b.URL}, nil)
	fromAlert := map[string]string{"FromAlert": "true"}
	for _, refID := range []string{"A", "B", "C", "D", "E"} {
		mustFail(t, ask(t, d, fromAlert, query(refID, `{}`))[refID], 502, "no answer within 2.8s")
	}
	if asked := len(b.requests); asked != 1 {
		t.Errorf("the server was asked %d times in one evaluation", asked)
	}
	// The next try of Grafana asks the server again.
	time.Sleep(alertMemory)
	mustFail(t, ask(t, d, fromAlert, query("A", `{}`))["A"], 502)
	if asked := len(b.requests); asked != 2 {
		t.Errorf("the server was asked %d times in two evaluations", asked)
	}
}

func TestServerThatHangs(t *testing.T) {
	t.Parallel()
	d := open(t, map[string]any{"url": hang(t).URL}, nil)
	began := time.Now()
	mustFail(t, ask(t, d, map[string]string{"FromAlert": "true"}, query("A", `{}`), query("B", `{}`))["B"], 502, "no answer within 2.8s")
	if took := time.Since(began); took < 2*time.Second {
		t.Errorf("an alert query failed after %s already", took)
	}
	mustFail(t, ask(t, d, nil, query("A", `{}`))["A"], 502, "no answer within 4.5s")
}

func TestPanelsAfterTheFirstFailAtOnceUntilTheServerAnswers(t *testing.T) {
	t.Parallel()
	var isHung atomic.Bool
	var frames atomic.Int32
	isHung.Store(true)
	b := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/frames" {
			frames.Add(1)
		}
		for isHung.Load() && r.Context().Err() == nil {
			time.Sleep(10 * time.Millisecond)
		}
		reply(200, oneFrame)(w, r)
	})
	d := open(t, map[string]any{"url": b.URL}, nil)
	mustFail(t, ask(t, d, nil, query("A", `{}`))["A"], 502, "no answer within 4.5s")
	for _, panel := range []string{"B", "C", "D"} {
		mustFail(t, ask(t, d, nil, query(panel, `{}`))[panel], 502, "no answer within 4.5s")
	}
	if asked := frames.Load(); asked != 1 {
		t.Errorf("a server that hangs was asked for frames %d times", asked)
	}
	// An alert rule asks the server itself, whatever panels have seen.
	mustFail(t, ask(t, d, map[string]string{"FromAlert": "true"}, query("A", `{}`))["A"], 502, "no answer within 2.8s")
	if asked := frames.Load(); asked != 2 {
		t.Errorf("an alert rule was answered without the server, which was asked %d times", asked)
	}

	isHung.Store(false)
	var answer backend.DataResponse
	for range 100 {
		if answer = ask(t, d, nil, query("A", `{}`))["A"]; answer.Error == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("a server that answers again is still said to hang: %s", answer.Error)
}

func TestSlowQueryIsNoHang(t *testing.T) {
	t.Parallel()
	b := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			time.Sleep(patience + probeLimit + time.Second)
		}
		reply(200, oneFrame)(w, r)
	})
	d := open(t, map[string]any{"url": b.URL}, nil)
	if answer := ask(t, d, nil, query("A", `{}`))["A"]; answer.Error != nil {
		t.Errorf("failed: %s", answer.Error)
	}
}

func TestTimeoutOfTheSettings(t *testing.T) {
	t.Parallel()
	d := open(t, map[string]any{"url": hang(t).URL, "timeout": 1}, nil)
	mustFail(t, ask(t, d, nil, query("A", `{}`))["A"], 502, "no answer in time")
}

func TestCallerThatLeaves(t *testing.T) {
	d := open(t, map[string]any{"url": hang(t).URL}, nil)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	answer, err := d.QueryData(ctx, &backend.QueryDataRequest{Queries: []backend.DataQuery{query("A", `{}`)}})
	if err != nil {
		t.Fatal(err)
	}
	mustFail(t, answer.Responses["A"], 499, "cancelled")
}

func TestHTTPSettings(t *testing.T) {
	b := &breakwatch{}
	b.Server = httptest.NewTLSServer(record(b, reply(200, oneFrame)))
	t.Cleanup(b.Close)
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.Certificate().Raw}))

	unknown := open(t, map[string]any{"url": b.URL}, nil)
	mustFail(t, ask(t, unknown, nil, query("A", `{}`))["A"], 502, "certificate")

	text, _ := json.Marshal(map[string]any{"url": b.URL, "tlsAuthWithCACert": true, "httpHeaderName1": "X-Scope"})
	trusted := openGiven(t, backend.DataSourceInstanceSettings{
		JSONData: text, BasicAuthEnabled: true, BasicAuthUser: "grafana",
		DecryptedSecureJSONData: map[string]string{
			"tlsCACert": certificate, "httpHeaderValue1": "live", "basicAuthPassword": "open-sesame",
		},
	})
	if answer := ask(t, trusted, nil, query("A", `{}`))["A"]; answer.Error != nil {
		t.Fatal(answer.Error)
	}
	header := b.last(t).header
	if user, password, _ := (&http.Request{Header: header}).BasicAuth(); user != "grafana" || password != "open-sesame" {
		t.Errorf("basic auth is %s:%s", user, password)
	}
	if header.Get("X-Scope") != "live" {
		t.Errorf("the header is missing: %v", header)
	}

	broken := open(t, map[string]any{"url": b.URL, "tlsAuthWithCACert": true}, map[string]string{"tlsCACert": "none"})
	mustFail(t, ask(t, broken, nil, query("A", `{}`))["A"], 400, "The connection settings are not valid", "certificate")
	odd := open(t, map[string]any{"url": b.URL, "tlsAuthWithCACert": true, "serverName": 5}, nil)
	mustFail(t, ask(t, odd, nil, query("A", `{}`))["A"], 400, "the HTTP settings are not readable")
}

func TestHealth(t *testing.T) {
	check := func(d *Datasource) *backend.CheckHealthResult {
		result, err := d.CheckHealth(context.Background(), &backend.CheckHealthRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	b := serve(t, reply(200, `{"ok":true,"message":"Breakwatch 1.2.3 is ready.","health":{"ok":true}}`))
	result := check(open(t, map[string]any{"url": b.URL}, nil))
	if result.Status != backend.HealthStatusOk || result.Message != "Breakwatch 1.2.3 is ready." {
		t.Errorf("wrong result: %+v", result)
	}
	if string(result.JSONDetails) != `{"health":{"ok":true},"mode":"remote"}` {
		t.Errorf("details are %s", result.JSONDetails)
	}
	if path := b.last(t).path; path != "/api/v1/check" {
		t.Errorf("asked %s", path)
	}
	blind := serve(t, reply(200, `{"ok":false,"message":"Account shop is blind.","health":{}}`))
	if result := check(open(t, map[string]any{"url": blind.URL}, nil)); result.Status != backend.HealthStatusError ||
		result.Message != "Account shop is blind." {
		t.Errorf("wrong result: %+v", result)
	}
	result = check(open(t, map[string]any{}, nil))
	if result.Status != backend.HealthStatusError || !strings.Contains(result.Message, "Server URL (url) is missing") {
		t.Errorf("wrong result: %+v", result)
	}
	if string(result.JSONDetails) != `{"error":{"code":"NOT_CONFIGURED"},"mode":"remote"}` {
		t.Errorf("details are %s", result.JSONDetails)
	}
}

func TestResources(t *testing.T) {
	b := serve(t, reply(200, `{"values":["push.example.com"]}`))
	d := open(t, map[string]any{"url": b.URL}, nil)
	call := func(method, path, address string) (int, string) {
		var answer *backend.CallResourceResponse
		err := d.CallResource(context.Background(), &backend.CallResourceRequest{Method: method, Path: path, URL: address},
			backend.CallResourceResponseSenderFunc(func(given *backend.CallResourceResponse) error {
				answer = given
				return nil
			}))
		if err != nil {
			t.Fatal(err)
		}
		return answer.Status, string(answer.Body)
	}
	if status, body := call("GET", "values/domain", "values/domain?from=1&to=2"); status != 200 ||
		body != `{"values":["push.example.com"]}` {
		t.Errorf("answered %d %s", status, body)
	}
	if path := b.last(t).path; path != "/api/v1/values/domain?from=1&to=2" {
		t.Errorf("asked %s", path)
	}
	for _, path := range []string{"", "values", "values/", "values/a/b", "values/..", "rules/apply", "actions"} {
		if status, body := call("GET", path, path); status != 404 || !strings.Contains(body, `"NOT_FOUND"`) {
			t.Errorf("%s answered %d %s", path, status, body)
		}
	}
	if status, _ := call("POST", "values/domain", "values/domain"); status != 405 {
		t.Errorf("POST answered %d", status)
	}
	failing := serve(t, reply(400, `{"error":{"code":"BAD_QUERY","message":"filter is wrong.","remedy":"Do this."}}`))
	d = open(t, map[string]any{"url": failing.URL}, nil)
	if status, body := call("GET", "values/domains", ""); status != 400 || body != `{"error":{"code":"BAD_QUERY","message":"filter is wrong. Do this."}}` {
		t.Errorf("answered %d %s", status, body)
	}
}

func TestSecretsStayHidden(t *testing.T) {
	b := serve(t, reply(400, `{"error":{"code":"BAD_QUERY","message":"open-sesame txSecret=abcdef&x Bearer zzz","remedy":""}}`))
	d := open(t, map[string]any{"url": b.URL}, map[string]string{"token": "open-sesame"})
	text := ask(t, d, nil, query("A", `{}`))["A"].Error.Error()
	if text != "[redacted] txSecret=[redacted]&x Bearer [redacted]" {
		t.Errorf("shows %s", text)
	}
}

func TestSettingsThatCannotBeUsed(t *testing.T) {
	tests := map[string]string{
		`{}`:                     "Server URL (url) is missing",
		`{"url":5}`:              "Server URL (url) must be a string.",
		`{"url":"ftp://x"}`:      "Server URL (url) must be an http or https address",
		`{"url":"http://a:b@x"}`: "contains a user or password",
		`[]`:                     "jsonData of the data source must be a JSON object.",
		`{"mode":"both"}`:        `Mode (mode) is "both"`,
	}
	for text, part := range tests {
		d := openGiven(t, backend.DataSourceInstanceSettings{JSONData: json.RawMessage(text)})
		mustFail(t, ask(t, d, nil, query("A", `{}`))["A"], 400, part)
	}
	both := openGiven(t, backend.DataSourceInstanceSettings{
		JSONData: json.RawMessage(`{"url":"http://x"}`), BasicAuthEnabled: true,
		DecryptedSecureJSONData: map[string]string{"token": "open-sesame"},
	})
	mustFail(t, ask(t, both, nil, query("A", `{}`))["A"], 400, "Use one of them")
}

func TestEmbeddedModeNamesSettings(t *testing.T) {
	text := ofSettings("The folder /data is used. Set BREAKWATCH_DATA to another folder. Or set BREAKWATCH_PORT to 0. Restart.")
	if text != "The folder /data is used. Set Data folder in the settings of the data source to another folder. Restart." {
		t.Errorf("shows %s", text)
	}
}

func TestLargeAnswerIsRead(t *testing.T) {
	var body bytes.Buffer
	body.WriteString(`{"frames":[{"schema":{"name":"large","fields":[{"name":"n","typeInfo":{"frame":"float64"}}]},"data":{"values":[[0`)
	for row := 1; row < 200_000; row++ {
		fmt.Fprintf(&body, ",%d", row)
	}
	body.WriteString("]]}}]}")
	b := serve(t, reply(200, body.String()))
	d := open(t, map[string]any{"url": b.URL}, nil)
	answer := ask(t, d, nil, query("A", `{}`))["A"]
	if answer.Error != nil || answer.Frames[0].Rows() != 200_000 {
		t.Errorf("read %+v", answer.Error)
	}
}

// faulty is a source with a bug.
type faulty struct{}

func (faulty) server(context.Context) (*server, error) { panic("a fault at open-sesame") }
func (faulty) close()                                  {}

func TestAPanicIsAnErrorOfTheQueryWithoutSecrets(t *testing.T) {
	d := open(t, map[string]any{"url": "http://127.0.0.1:9"}, map[string]string{"token": "open-sesame"})
	d.source = faulty{}
	text := ask(t, d, nil, query("A", `{}`))["A"].Error.Error()
	if !strings.Contains(text, "failed unexpectedly: a fault at") || strings.Contains(text, "open-sesame") {
		t.Errorf("got %q", text)
	}
}
