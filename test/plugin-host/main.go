// plugin-host starts a Grafana data source backend with hashicorp/go-plugin, as Grafana does, talks
// to it in Grafana's own messages, and reads the frames with Grafana's own decoder.
//
//	plugin-host ask EXECUTABLE REQUEST.json          one health check, one query call, resource calls
//	plugin-host storm EXECUTABLE REQUEST.json COUNT  COUNT query calls, all cancelled with answers on
//	                                                 their way, then one more that has to be answered
//
// Both print one JSON object. REQUEST.json:
//
//	{"settings": {…jsonData}, "secure": {"key": "value"}, "headers": {}, "resources": ["values/domain"],
//	 "queries": [{"refId": "A", "from": ms, "to": ms, "model": {…}}]}
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// Grafana's own patience with an alert rule.
const callTimeout = 30 * time.Second

type request struct {
	Settings  json.RawMessage   `json:"settings"`
	Secure    map[string]string `json:"secure"`
	Headers   map[string]string `json:"headers"`
	Resources []string          `json:"resources"`
	Queries   []struct {
		RefID string          `json:"refId"`
		From  int64           `json:"from"`
		To    int64           `json:"to"`
		Model json.RawMessage `json:"model"`
	} `json:"queries"`
}

func (r request) pluginContext() *pluginv2.PluginContext {
	return &pluginv2.PluginContext{
		OrgId:    1,
		PluginId: "breakwatch-css-datasource",
		User:     &pluginv2.User{Login: "grafana_scheduler", Role: "Admin"},
		DataSourceInstanceSettings: &pluginv2.DataSourceInstanceSettings{
			Id:                      1,
			Uid:                     "plugin-host",
			Name:                    "Breakwatch",
			JsonData:                r.Settings,
			DecryptedSecureJsonData: r.Secure,
			LastUpdatedMS:           1,
		},
	}
}

func (r request) queryData() *pluginv2.QueryDataRequest {
	asked := &pluginv2.QueryDataRequest{PluginContext: r.pluginContext(), Headers: r.Headers}
	for _, query := range r.Queries {
		asked.Queries = append(asked.Queries, &pluginv2.DataQuery{
			RefId:         query.RefID,
			MaxDataPoints: 1000,
			IntervalMS:    1000,
			TimeRange:     &pluginv2.TimeRange{FromEpochMS: query.From, ToEpochMS: query.To},
			Json:          query.Model,
		})
	}
	return asked
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
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Info, Output: os.Stderr}),
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
			Fields: []readField{},
		}
		for _, field := range frame.Fields {
			one := readField{
				Name:     field.Name,
				Type:     field.Type().NonNullableType().ItemTypeString(),
				Nullable: field.Nullable(),
				Labels:   field.Labels,
				Config:   field.Config,
				Values:   []interface{}{},
			}
			for row := 0; row < field.Len() && row < shownValues; row++ {
				value, there := field.ConcreteAt(row)
				if moment, isTime := value.(time.Time); isTime {
					value = moment.UTC().Format(time.RFC3339Nano)
				}
				if !there {
					value = nil
				}
				one.Values = append(one.Values, value)
			}
			shown.Fields = append(shown.Fields, one)
		}
		out.Frames = append(out.Frames, shown)
	}
	return out, nil
}

type readResource struct {
	Code int32  `json:"code"`
	Body string `json:"body"`
}

func callResource(ctx context.Context, conn *grpc.ClientConn, asked request, path string) (readResource, error) {
	out := readResource{}
	stream, err := pluginv2.NewResourceClient(conn).CallResource(ctx, &pluginv2.CallResourceRequest{
		PluginContext: asked.pluginContext(),
		Path:          path,
		Method:        "GET",
		Url:           path,
	})
	for err == nil {
		var part *pluginv2.CallResourceResponse
		if part, err = stream.Recv(); err == nil {
			if out.Code == 0 {
				out.Code = part.Code
			}
			out.Body += string(part.Body)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return out, err
}

func ask(executable string, asked request) (map[string]interface{}, error) {
	began := time.Now()
	client, conn, err := start(executable)
	if err != nil {
		return nil, err
	}
	defer client.Kill()
	answer := map[string]interface{}{
		"protocol": client.NegotiatedVersion(),
		"startMs":  time.Since(began).Milliseconds(),
	}
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()

	diagnostics := pluginv2.NewDiagnosticsClient(conn)
	health, err := diagnostics.CheckHealth(ctx, &pluginv2.CheckHealthRequest{PluginContext: asked.pluginContext()})
	if err != nil {
		return nil, fmt.Errorf("CheckHealth: %w", err)
	}
	answer["health"] = map[string]interface{}{
		"status":  health.Status.String(),
		"message": health.Message,
		"details": json.RawMessage(health.JsonDetails),
	}

	queried, err := pluginv2.NewDataClient(conn).QueryData(ctx, asked.queryData())
	if err != nil {
		return nil, fmt.Errorf("QueryData: %w", err)
	}
	responses := map[string]readResponse{}
	for refID, response := range queried.Responses {
		if responses[refID], err = read(response); err != nil {
			return nil, fmt.Errorf("frames of %s: %w", refID, err)
		}
	}
	answer["responses"] = responses

	resources := map[string]readResource{}
	for _, path := range asked.Resources {
		if resources[path], err = callResource(ctx, conn, asked, path); err != nil {
			return nil, fmt.Errorf("CallResource %s: %w", path, err)
		}
	}
	answer["resources"] = resources

	metrics, err := diagnostics.CollectMetrics(ctx, &pluginv2.CollectMetricsRequest{})
	if err != nil {
		return nil, fmt.Errorf("CollectMetrics: %w", err)
	}
	answer["metrics"] = string(metrics.Metrics.Prometheus)

	stopping := time.Now()
	client.Kill()
	answer["stopMs"] = time.Since(stopping).Milliseconds()
	return answer, nil
}

// storm is a large dashboard that is left while its answers are on their way: all calls are cancelled
// within 150 ms of the first answer.
func storm(executable string, asked request, count int) (map[string]interface{}, error) {
	client, conn, err := start(executable)
	if err != nil {
		return nil, err
	}
	defer client.Kill()
	source := pluginv2.NewDataClient(conn)
	query := asked.queryData()
	var calls sync.WaitGroup
	var counted sync.Mutex
	results := map[string]int{}
	flowing := make(chan struct{})
	flow := sync.OnceFunc(func() { close(flowing) })
	// A backend that answers nothing at all must not keep us waiting.
	time.AfterFunc(callTimeout, flow)
	for call := 0; call < count; call++ {
		calls.Add(1)
		go func() {
			defer calls.Done()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			go func() {
				<-flowing
				time.Sleep(time.Duration(rand.Intn(150)) * time.Millisecond)
				cancel()
			}()
			_, err := source.QueryData(ctx, query, grpc.MaxCallRecvMsgSize(1<<30))
			counted.Lock()
			defer counted.Unlock()
			if err == nil {
				results["answered"]++
				flow()
			} else if ctx.Err() != nil {
				results["cancelled"]++
			} else {
				results["failed"]++
			}
		}()
	}
	calls.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	began := time.Now()
	answered, err := source.QueryData(ctx, query, grpc.MaxCallRecvMsgSize(1<<30))
	if err != nil {
		return nil, fmt.Errorf("the call after the storm (%v): %w", results, err)
	}
	return map[string]interface{}{
		"storm":      results,
		"recoveryMs": time.Since(began).Milliseconds(),
		"answers":    len(answered.Responses),
	}, nil
}

func run(arguments []string) (map[string]interface{}, error) {
	asked := request{}
	if len(arguments) < 3 {
		return nil, errors.New("usage: plugin-host ask|storm EXECUTABLE REQUEST.json [COUNT]")
	}
	file, err := os.ReadFile(arguments[2])
	if err == nil {
		err = json.Unmarshal(file, &asked)
	}
	if err != nil {
		return nil, err
	}
	if arguments[0] == "storm" && len(arguments) > 3 {
		count, err := strconv.Atoi(arguments[3])
		if err != nil {
			return nil, err
		}
		return storm(arguments[1], asked, count)
	}
	return ask(arguments[1], asked)
}

func main() {
	answer, err := run(os.Args[1:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(answer)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAILED:", err)
		os.Exit(1)
	}
}
