//go:build embedded

package plugin

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"
)

const (
	firstPause = time.Second
	maxPause   = 30 * time.Second
	// A server that ran this long had started well.
	steady = time.Minute
	// The server checks its store before it answers.
	startLimit = 2 * time.Minute
	// Grafana kills a plugin 2 s after it asked it to end.
	endLimit = 1500 * time.Millisecond
	// A server that fails so many probes, one each probeInterval, hangs and is replaced.
	failedProbes  = 6
	probeInterval = 5 * time.Second
	// Operating systems limit the path of a Unix socket to 108 bytes, some to 104.
	maxSocketPath = 103
)

// serverInput is what the server reads from its standard input, as one line of JSON. Secrets are never in arguments
// or in the environment, which other processes can read.
type serverInput struct {
	Socket      string `json:"socket,omitempty"`
	Token       string `json:"token"`
	DataFolder  string `json:"dataFolder"`
	RulesFolder string `json:"rulesFolder,omitempty"`
	SecretKey   string `json:"secretKey"`
	// As Grafana stores them. The server reads and checks what else it needs.
	Settings json.RawMessage `json:"settings"`
}

// serverOutput is the first line that the server prints: where it listens, or why it cannot start.
type serverOutput struct {
	URL   string `json:"url"`
	Error *struct {
		Code, Message, Remedy string
		Status                int
	} `json:"error"`
}

// run starts the server again and again, with growing pauses, until the context ends.
func (e *embeddedServer) run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		startedAt := time.Now()
		err := e.runOnce(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(startedAt) > steady {
			pause = firstPause
		}
		problem := asFailure(err)
		e.set(nil, problem)
		if problem.code == "NOT_CONFIGURED" {
			// Other settings open another server.
			<-ctx.Done()
			return
		}
		log.DefaultLogger.Error("the embedded server ended and starts again",
			"error", e.hide.clean(err.Error()), "pause", pause.String(), "folder", e.input.DataFolder)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, maxPause)
	}
}

// runOnce starts the server and returns why it ended.
func (e *embeddedServer) runOnce(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "breakwatch-")
	if err != nil {
		return embeddedFailure("no temporary folder can be created: " + err.Error())
	}
	defer func() { _ = os.RemoveAll(folder) }()
	input := e.input
	input.Token = rand.Text()
	if socket := filepath.Join(folder, "socket"); len(socket) <= maxSocketPath {
		input.Socket = socket
	}
	node, flags, err := findNode()
	if err != nil {
		return err
	}
	// Not bound to the context: a server that is asked to end closes its store.
	command := exec.Command(node, append(flags, e.program.file)...)
	command.Dir = e.program.folder
	command.Env = environment()
	stdin, errIn := command.StdinPipe()
	stdout, errOut := command.StdoutPipe()
	stderr, errLog := command.StderrPipe()
	if err := errors.Join(errIn, errOut, errLog); err != nil {
		return internal(err.Error())
	}
	if err := command.Start(); err != nil {
		return embeddedFailure("it cannot be started: " + err.Error())
	}
	ended := make(chan struct{})
	var readers sync.WaitGroup
	first := make(chan serverOutput, 1)
	readers.Go(func() { readOutput(stdout, first) })
	readers.Go(func() { e.passLog(stderr) })
	go func() {
		defer close(ended)
		// Wait closes the pipes, so everything must be read before.
		readers.Wait()
		_ = command.Wait()
	}()
	// The server ends when its standard input closes, also when this process is killed.
	defer end(command, stdin, ended)

	line, _ := json.Marshal(input)
	if _, err := stdin.Write(append(line, '\n')); err != nil {
		return embeddedFailure("it does not read its settings: " + err.Error())
	}
	var output serverOutput
	select {
	case output = <-first:
	case <-ended:
		select {
		case output = <-first:
		default:
			return embeddedFailure("it ended while it started: " + command.ProcessState.String())
		}
	case <-time.After(startLimit):
		return embeddedFailure(fmt.Sprintf("it did not start within %s", startLimit))
	case <-ctx.Done():
		return ctx.Err()
	}
	if output.Error != nil {
		return &failure{
			code: output.Error.Code, status: output.Error.Status, source: backend.ErrorSourcePlugin,
			text: strings.TrimSpace(output.Error.Message + " " + output.Error.Remedy),
		}
	}
	answering, err := e.connect(input, output.URL)
	if err != nil {
		return err
	}
	defer answering.close()
	e.set(answering, nil)
	log.DefaultLogger.Info("the embedded server collects", "folder", e.input.DataFolder)
	return e.untilEnd(ctx, answering, command, ended)
}

// untilEnd waits until the server ends, or hangs.
func (e *embeddedServer) untilEnd(ctx context.Context, answering *server, command *exec.Cmd, ended <-chan struct{}) error {
	failed := 0
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ended:
			return embeddedFailure("it ended: " + command.ProcessState.String())
		case <-time.After(probeInterval):
		}
		if answering.probe(ctx) == nil {
			failed = 0
			continue
		}
		failed++
		if failed == failedProbes {
			// It would not notice that its standard input closes.
			_ = command.Process.Kill()
			return embeddedFailure(fmt.Sprintf("it did not answer for %s", failedProbes*probeInterval))
		}
	}
}

// end asks the server to end, and kills it when it does not.
func end(command *exec.Cmd, stdin io.Closer, ended <-chan struct{}) {
	_ = stdin.Close()
	select {
	case <-ended:
	case <-time.After(endLimit):
		_ = command.Process.Kill()
		<-ended
	}
}

// connect returns a client of the server that just started.
func (e *embeddedServer) connect(input serverInput, address string) (*server, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute, DisableCompression: true}
	if input.Socket != "" {
		address = "http://localhost"
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, "unix", input.Socket)
		}
	}
	base, err := url.Parse(address)
	if err != nil || base.Host == "" {
		return nil, embeddedFailure(fmt.Sprintf("it listens at %q, which is not an address", shorten(address)))
	}
	return &server{
		base:   base,
		client: &http.Client{Transport: transport, Timeout: 30 * time.Second, CheckRedirect: noRedirect},
		token:  input.Token,
		name:   "the embedded Breakwatch server",
		remedy: "Read Grafana's log.",
	}, nil
}

// readOutput passes the first line on, and discards the rest so that the server never waits for a reader.
func readOutput(stdout io.Reader, first chan<- serverOutput) {
	reader := bufio.NewReader(stdout)
	line, _ := reader.ReadBytes('\n')
	var output serverOutput
	if json.Unmarshal(line, &output) == nil {
		first <- output
	}
	_, _ = io.Copy(io.Discard, reader)
}

// passLog writes the server's log into Grafana's.
func (e *embeddedServer) passLog(stderr io.Reader) {
	scanner := bufio.NewScanner(stderr)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		text := e.hide.clean(scanner.Text())
		write := log.DefaultLogger.Info
		// Time, level, message.
		if parts := strings.SplitN(text, " ", 3); len(parts) == 3 {
			text = parts[2]
			switch parts[1] {
			case "error":
				write = log.DefaultLogger.Error
			case "warn":
				write = log.DefaultLogger.Warn
			}
		}
		write(text)
	}
	_, _ = io.Copy(io.Discard, stderr)
}
