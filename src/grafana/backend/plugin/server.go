package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

const (
	// An answer of the server has at most 64 MiB in its other format.
	maxAnswerBytes = 128 << 20
	// A server that has not answered by then is probed.
	patience = 2 * time.Second
	// A server that works answers a probe at once. patience and probeLimit together are less than 5 s.
	probeLimit = 2500 * time.Millisecond
	// While a server hangs, it is probed this often, and panels are not let through for this long.
	probePause, hangLimit = 500 * time.Millisecond, time.Minute
)

// server sends requests to one Breakwatch server.
type server struct {
	base   *url.URL
	client *http.Client
	token  string
	// What messages call it.
	name string
	// What to do when it cannot be reached.
	remedy string
	// Whether a request and a probe waited in vain, and no probe has been answered since.
	hangs atomic.Bool
}

// newRemoteServer returns the server of a data source in remote mode. The SDK's HTTP client brings TLS, client
// certificates, headers, basic auth, time-outs and proxies from the settings.
func newRemoteServer(ctx context.Context, given backend.DataSourceInstanceSettings, settings settings) (*server, error) {
	options, err := clientOptions(ctx, given)
	if err != nil {
		return nil, notConfigured("the HTTP settings are not readable: " + err.Error() + ".")
	}
	client, err := httpclient.New(options)
	if err != nil {
		return nil, notConfigured(err.Error() + ".")
	}
	client.CheckRedirect = noRedirect
	return &server{
		base:   settings.baseURL,
		client: client,
		token:  settings.token,
		name:   "the Breakwatch server at " + strings.TrimSuffix(settings.baseURL.String(), "/"),
		remedy: `Check that "breakwatch serve" is running and that the URL in the data source settings is right.`,
	}, nil
}

// clientOptions reads Grafana's common HTTP settings.
func clientOptions(ctx context.Context, given backend.DataSourceInstanceSettings) (options httpclient.Options, err error) {
	// The SDK expects the types that Grafana's own editor writes, and panics at others.
	defer recovered(&err)
	return given.HTTPClientOptions(ctx)
}

// noRedirect keeps the client from following redirects: they lead to a login page, or take the token elsewhere.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func (s *server) server(context.Context) (*server, error) { return s, nil }
func (s *server) close()                                  { s.client.CloseIdleConnections() }

// readFrames decodes frames in Grafana's JSON.
func readFrames(answer []byte) (frames data.Frames, err error) {
	// The SDK's decoder panics at some values that do not fit the schema.
	defer recovered(&err)
	var body struct {
		Frames *data.Frames `json:"frames"`
	}
	if err := json.Unmarshal(answer, &body); err != nil {
		return nil, err
	}
	if body.Frames == nil {
		return nil, errors.New("it has no frames")
	}
	for index, frame := range *body.Frames {
		if _, err := frame.RowLen(); err != nil {
			return nil, fmt.Errorf("frame %d: %w", index, err)
		}
	}
	return *body.Frames, nil
}

// checkAnswer is the answer of GET /api/v1/check.
type checkAnswer struct {
	OK      bool            `json:"ok"`
	Message string          `json:"message"`
	Health  json.RawMessage `json:"health"`
}

// check asks whether the server works.
func (s *server) check(ctx context.Context) (*checkAnswer, error) {
	answer, err := s.ask(ctx, http.MethodGet, "api/v1/check", nil, nil)
	if err != nil {
		return nil, err
	}
	var checked checkAnswer
	if err := json.Unmarshal(answer, &checked); err != nil || checked.Message == "" {
		return nil, s.refused("its answer is unreadable", "")
	}
	return &checked, nil
}

// withLimit adds a time limit whose error says how long it was.
func withLimit(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, limit, noAnswer(limit))
}

// noAnswer is the cause when the server did not answer within this time.
type noAnswer time.Duration

func (n noAnswer) Error() string { return fmt.Sprintf("no answer within %s", time.Duration(n)) }

// ask sends one request and returns the body of its answer. Every answer but 2xx is an error.
func (s *server) ask(ctx context.Context, method, path string, search url.Values, body []byte) ([]byte, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go s.watch(ctx, cancel)
	status, answer, err := s.send(ctx, method, path, search, body)
	if err != nil {
		return nil, s.problemOf(ctx, err)
	}
	if status >= 300 && status < 400 {
		return nil, s.refused(fmt.Sprintf("the answer redirects to another address (HTTP %d)", status), "")
	}
	if status >= 400 {
		return nil, s.errorOf(status, answer)
	}
	return answer, nil
}

func (s *server) send(ctx context.Context, method, path string, search url.Values, body []byte) (int, []byte, error) {
	address := s.base.JoinPath(path)
	address.RawQuery = search.Encode()
	request, err := http.NewRequestWithContext(ctx, method, address.String(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	if err != nil {
		return 0, nil, err
	}
	if len(answer) > maxAnswerBytes {
		return 0, nil, fmt.Errorf("the answer has more than %d MiB", maxAnswerBytes>>20)
	}
	return response.StatusCode, answer, nil
}

// watch cancels a request when the server hangs. A slow query is not a hang: the server still answers probes.
func (s *server) watch(ctx context.Context, cancel context.CancelCauseFunc) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(patience):
		}
		if err := s.probe(ctx); err != nil && ctx.Err() == nil {
			if errors.Is(err, context.DeadlineExceeded) && s.hangs.CompareAndSwap(false, true) {
				go s.awaitLife()
			}
			cancel(noAnswer(patience + probeLimit))
			return
		}
	}
}

// awaitLife probes a server that hangs, until it answers or refuses, or the time is over.
func (s *server) awaitLife() {
	defer s.hangs.Store(false)
	for began := time.Now(); time.Since(began) < hangLimit; time.Sleep(probePause) {
		if err := s.probe(context.Background()); !errors.Is(err, context.DeadlineExceeded) {
			return
		}
	}
}

// askForPanel is ask, but fails at once while the server is known to hang. A browser has six questions on the way at a
// time, so the last panels of a dashboard would else wait for all the others.
func (s *server) askForPanel(ctx context.Context, method, path string, search url.Values, body []byte) ([]byte, error) {
	if s.hangs.Load() {
		return nil, s.unreachable(noAnswer(patience + probeLimit).Error())
	}
	return s.ask(ctx, method, path, search, body)
}

// probe asks for a sign of life. Any answer is one.
func (s *server) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	_, _, err := s.send(ctx, http.MethodGet, "healthz", nil, nil)
	return err
}

// problemOf turns an error of the transport into one that says why there was no answer.
func (s *server) problemOf(ctx context.Context, err error) *failure {
	var late noAnswer
	if errors.As(context.Cause(ctx), &late) {
		return s.unreachable(late.Error())
	}
	if errors.Is(err, context.Canceled) {
		return cancelled()
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		var timeout net.Error
		if wrapped.Timeout() || (errors.As(wrapped.Err, &timeout) && timeout.Timeout()) {
			return s.unreachable("no answer in time")
		}
		// Without the method and the address, which the message has already.
		err = wrapped.Err
	}
	return s.unreachable(err.Error())
}

// errorOf reads an error answer: {error: {code, message, remedy}}.
func (s *server) errorOf(status int, answer []byte) *failure {
	var body struct {
		Error struct{ Code, Message, Remedy string }
	}
	if err := json.Unmarshal(answer, &body); err != nil || body.Error.Code == "" {
		return s.refused(fmt.Sprintf("HTTP %d with an answer that is not of Breakwatch", status), "")
	}
	given := body.Error
	switch given.Code {
	case "TOKEN_REQUIRED", "ROLE_MISSING":
		return s.refused(fmt.Sprintf("HTTP %d %s: %s", status, given.Code, strings.TrimSuffix(given.Message, ".")),
			"Set the token in the data source settings to BREAKWATCH_TOKEN of the server, or to a token with the role read.")
	case "NOT_FOUND":
		return s.refused(fmt.Sprintf("HTTP %d %s: %s", status, given.Code, strings.TrimSuffix(given.Message, ".")),
			"The server is older than this plugin. Install the same version of Breakwatch on both sides.")
	}
	return notOurs(given.Code, status, strings.TrimSpace(given.Message+" "+given.Remedy))
}
