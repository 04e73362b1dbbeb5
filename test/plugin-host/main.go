// plugin-host starts a Grafana data source backend with hashicorp/go-plugin, as Grafana does, talks to it in
// Grafana's own messages, and reads the frames with Grafana's own decoder.
//
//	plugin-host EXECUTABLE
//
// It prints {"pid", "startMs", "protocol"}, then reads calls from standard input, one JSON object in a line, and
// prints one line for each, in any order: {"id", "answer"} or {"id", "error"}. At the end of standard input it stops
// the plugin and prints {"stopMs"}. Calls:
//
//	{"id": 1, "call": "query", "context": {…}, "headers": {}, "queries": [{"refId", "from", "to", "model"}]}
//	{"id": 2, "call": "health", "context": {…}}
//	{"id": 3, "call": "resource", "context": {…}, "path": "values/domain?from=1&to=2"}
//	{"id": 4, "call": "metrics"}
//
// A context is {"uid", "updated", "settings": {…jsonData}, "secure": {"key": "value"}}.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// The time that Grafana gives an alert rule.
const callTimeout = 30 * time.Second

type call struct {
	ID      int    `json:"id"`
	Call    string `json:"call"`
	Context struct {
		UID      string            `json:"uid"`
		Updated  int64             `json:"updated"`
		Settings json.RawMessage   `json:"settings"`
		Secure   map[string]string `json:"secure"`
	} `json:"context"`
	Headers map[string]string `json:"headers"`
	Path    string            `json:"path"`
	Queries []struct {
		RefID string          `json:"refId"`
		From  int64           `json:"from"`
		To    int64           `json:"to"`
		Model json.RawMessage `json:"model"`
	} `json:"queries"`
}

func (c call) pluginContext() *pluginv2.PluginContext {
	// Grafana numbers its data sources; the SDK keeps one instance for each number.
	number := int64(1)
	for _, letter := range c.Context.UID {
		number = number*31 + int64(letter)
	}
	return &pluginv2.PluginContext{
		OrgId:    1,
		PluginId: "breakwatch-css-datasource",
		User:     &pluginv2.User{Login: "grafana_scheduler", Role: "Admin"},
		DataSourceInstanceSettings: &pluginv2.DataSourceInstanceSettings{
			Id:                      number,
			Uid:                     c.Context.UID,
			Name:                    "Breakwatch",
			JsonData:                c.Context.Settings,
			DecryptedSecureJsonData: c.Context.Secure,
			LastUpdatedMS:           c.Context.Updated,
		},
	}
}

// connection hands out go-plugin's gRPC connection as it is.
type connection struct {
	plugin.NetRPCUnsupportedPlugin
}

func (connection) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }
func (connection) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (interface{}, error) {
	return conn, nil
}

func start(executable string) (*plugin.Client, *grpc.ClientConn, error) {
	client := plugin.NewClient(&plugin.ClientConfig{
		Cmd: exec.Command(executable),
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  2,
			MagicCookieKey:   "grafana_plugin_type",
			MagicCookieValue: "datasource",
		},
		VersionedPlugins: map[int]plugin.PluginSet{2: {"connection": connection{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Debug, Output: os.Stderr}),
	})
	protocol, err := client.Client()
	if err == nil {
		err = protocol.Ping()
	}
	var dispensed interface{}
	if err == nil {
		dispensed, err = protocol.Dispense("connection")
	}
	if err != nil {
		client.Kill()
		return nil, nil, err
	}
	return client, dispensed.(*grpc.ClientConn), nil
}

type readField struct {
	Name     string            `json:"name"`
	Type     string            `json:"type"`
	Nullable bool              `json:"nullable"`
	Labels   map[string]string `json:"labels"`
	Config   *data.FieldConfig `json:"config"`
	Values   []interface{}     `json:"values"`
}

type readFrame struct {
	Name   string          `json:"name"`
	RefID  string          `json:"refId"`
	Meta   *data.FrameMeta `json:"meta"`
	Kind   string          `json:"kind"`
	Rows   int             `json:"rows"`
	Fields []readField     `json:"fields"`
}

type readResponse struct {
	Status      int32       `json:"status"`
	Error       string      `json:"error,omitempty"`
	ErrorSource string      `json:"errorSource,omitempty"`
	Frames      []readFrame `json:"frames"`
}

// Values shown of each field.
const shownValues = 1000

func read(response *pluginv2.DataResponse) (readResponse, error) {
	out := readResponse{
		Status:      response.Status,
		Error:       response.Error,
		ErrorSource: response.ErrorSource,
		Frames:      []readFrame{},
	}
	frames, err := data.UnmarshalArrowFrames(response.Frames)
	if err != nil {
		return out, err
	}
	for _, frame := range frames {
		shown := readFrame{
			Name:   frame.Name,
			RefID:  frame.RefID,
			Meta:   frame.Meta,
			Kind:   frame.TimeSeriesSchema().Type.String(),
			Rows:   frame.Rows(),
			Fields: []readField{},
		}
		for _, field := range frame.Fields {
			shown.Fields = append(shown.Fields, readField{
				Name:     field.Name,
				Type:     field.Type().NonNullableType().ItemTypeString(),
				Nullable: field.Nullable(),
				Labels:   field.Labels,
				Config:   field.Config,
				Values:   values(field),
			})
		}
		out.Frames = append(out.Frames, shown)
	}
	return out, nil
}

func values(field *data.Field) []interface{} {
	out := []interface{}{}
	for row := 0; row < field.Len() && row < shownValues; row++ {
		value, found := field.ConcreteAt(row)
		if moment, isTime := value.(time.Time); isTime {
			value = moment.UTC().Format(time.RFC3339Nano)
		}
		if !found {
			value = nil
		}
		out = append(out, value)
	}
	return out
}

func query(ctx context.Context, conn *grpc.ClientConn, asked call) (interface{}, error) {
	request := &pluginv2.QueryDataRequest{PluginContext: asked.pluginContext(), Headers: asked.Headers}
	for _, query := range asked.Queries {
		request.Queries = append(request.Queries, &pluginv2.DataQuery{
			RefId:         query.RefID,
			MaxDataPoints: 1000,
			IntervalMS:    1000,
			TimeRange:     &pluginv2.TimeRange{FromEpochMS: query.From, ToEpochMS: query.To},
			Json:          query.Model,
		})
	}
	began := time.Now()
	answered, err := pluginv2.NewDataClient(conn).QueryData(ctx, request, grpc.MaxCallRecvMsgSize(1<<30))
	took := time.Since(began)
	if err != nil {
		return nil, err
	}
	responses := map[string]readResponse{}
	for refID, response := range answered.Responses {
		if responses[refID], err = read(response); err != nil {
			return nil, fmt.Errorf("frames of %s: %w", refID, err)
		}
	}
	return map[string]interface{}{"responses": responses, "tookMs": float64(took.Microseconds()) / 1000}, nil
}

func resource(ctx context.Context, conn *grpc.ClientConn, asked call) (interface{}, error) {
	path, _, _ := strings.Cut(asked.Path, "?")
	stream, err := pluginv2.NewResourceClient(conn).CallResource(ctx, &pluginv2.CallResourceRequest{
		PluginContext: asked.pluginContext(),
		Path:          path,
		Method:        "GET",
		Url:           asked.Path,
	})
	code, body := int32(0), ""
	for err == nil {
		var part *pluginv2.CallResourceResponse
		if part, err = stream.Recv(); err == nil {
			if code == 0 {
				code = part.Code
			}
			body += string(part.Body)
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return map[string]interface{}{"code": code, "body": body}, nil
}

func answer(conn *grpc.ClientConn, asked call) (interface{}, error) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	diagnostics := pluginv2.NewDiagnosticsClient(conn)
	switch asked.Call {
	case "query":
		return query(ctx, conn, asked)
	case "resource":
		return resource(ctx, conn, asked)
	case "health":
		health, err := diagnostics.CheckHealth(ctx, &pluginv2.CheckHealthRequest{PluginContext: asked.pluginContext()})
		if err != nil {
			return nil, err
		}
		return map[string]interface{}{
			"status": health.Status.String(), "message": health.Message, "details": json.RawMessage(health.JsonDetails),
		}, nil
	case "metrics":
		metrics, err := diagnostics.CollectMetrics(ctx, &pluginv2.CollectMetricsRequest{})
		if err != nil {
			return nil, err
		}
		return string(metrics.Metrics.Prometheus), nil
	}
	return nil, fmt.Errorf("unknown call %q", asked.Call)
}

func run(executable string) error {
	began := time.Now()
	client, conn, err := start(executable)
	if err != nil {
		return err
	}
	defer client.Kill()
	var mutex sync.Mutex
	out := json.NewEncoder(os.Stdout)
	print := func(line map[string]interface{}) {
		mutex.Lock()
		defer mutex.Unlock()
		if err := out.Encode(line); err != nil {
			_ = out.Encode(map[string]interface{}{"id": line["id"], "error": err.Error()})
		}
	}
	print(map[string]interface{}{
		"pid": client.ReattachConfig().Pid, "startMs": time.Since(began).Milliseconds(), "protocol": client.NegotiatedVersion(),
	})
	var calls sync.WaitGroup
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var asked call
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		calls.Go(func() {
			answer, err := answer(conn, asked)
			if err != nil {
				print(map[string]interface{}{"id": asked.ID, "error": err.Error()})
				return
			}
			print(map[string]interface{}{"id": asked.ID, "answer": answer})
		})
	}
	calls.Wait()
	stopping := time.Now()
	client.Kill()
	print(map[string]interface{}{"stopMs": time.Since(stopping).Milliseconds()})
	return lines.Err()
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: plugin-host EXECUTABLE")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "FAILED:", err)
		os.Exit(1)
	}
}
