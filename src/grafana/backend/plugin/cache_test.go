package plugin

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// asker counts its calls and answers when it is released.
type asker struct {
	calls    atomic.Int32
	released chan struct{}
	answer   []byte
	err      error
}

func (a *asker) ask(ctx context.Context) ([]byte, error) {
	a.calls.Add(1)
	select {
	case <-a.released:
		return a.answer, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestEqualQuestionsAreAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := answerCache{}
		a := &asker{released: make(chan struct{}), answer: []byte("frames")}
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				answer, err := cache.get(t.Context(), "q", a.ask)
				if err != nil || string(answer) != "frames" {
					t.Errorf("got %q, %v", answer, err)
				}
			})
		}
		synctest.Wait()
		close(a.released)
		group.Wait()
		_, _ = cache.get(t.Context(), "q", a.ask)
		if calls := a.calls.Load(); calls != 1 {
			t.Errorf("the server was asked %d times", calls)
		}
		_, _ = cache.get(t.Context(), "another", a.ask)
		time.Sleep(cacheAge + time.Millisecond)
		synctest.Wait()
		_, _ = cache.get(t.Context(), "q", a.ask)
		if calls := a.calls.Load(); calls != 3 {
			t.Errorf("the server was asked %d times, not once for each question and age", calls)
		}
		time.Sleep(cacheAge + time.Millisecond)
		synctest.Wait()
		if cache.bytes != 0 || len(cache.entries) != 0 {
			t.Errorf("%d bytes in %d answers are still kept", cache.bytes, len(cache.entries))
		}
	})
}

func TestErrorsAreNotKept(t *testing.T) {
	cache := answerCache{}
	a := &asker{released: make(chan struct{}), err: errors.New("down")}
	close(a.released)
	for range 2 {
		if _, err := cache.get(t.Context(), "q", a.ask); err == nil {
			t.Error("expected the error of the server")
		}
	}
	if calls := a.calls.Load(); calls != 2 {
		t.Errorf("the server was asked %d times", calls)
	}
}

func TestLargeAnswersAreNotKept(t *testing.T) {
	cache := answerCache{}
	a := &asker{released: make(chan struct{}), answer: make([]byte, cacheBytes+1)}
	close(a.released)
	_, _ = cache.get(t.Context(), "q", a.ask)
	_, _ = cache.get(t.Context(), "q", a.ask)
	if calls := a.calls.Load(); calls != 2 {
		t.Errorf("the server was asked %d times", calls)
	}
}

func TestViewerThatLeavesStopsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := answerCache{}
		a := &asker{released: make(chan struct{}), answer: []byte("frames")}
		first, leave := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := cache.get(first, "q", a.ask); err == nil {
				t.Error("expected an error for the viewer that left")
			}
		})
		synctest.Wait()
		group.Go(func() {
			if answer, err := cache.get(t.Context(), "q", a.ask); err != nil || string(answer) != "frames" {
				t.Errorf("got %q, %v", answer, err)
			}
		})
		synctest.Wait()
		leave()
		synctest.Wait()
		close(a.released)
		group.Wait()
		if calls := a.calls.Load(); calls != 1 {
			t.Errorf("the server was asked %d times", calls)
		}
	})
}

func TestRequestEndsWithItsLastViewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := answerCache{}
		a := &asker{released: make(chan struct{})}
		viewer, leave := context.WithCancel(t.Context())
		go func() { _, _ = cache.get(viewer, "q", a.ask) }()
		synctest.Wait()
		leave()
		// Without a cancelled request, the bubble would not end.
		synctest.Wait()
		if len(cache.entries) != 0 {
			t.Error("a cancelled request is still there for others")
		}
	})
}

func TestAlertsAreNotCached(t *testing.T) {
	b := serve(t, reply(http.StatusOK, oneFrame))
	d := open(t, map[string]any{"url": b.URL}, nil)
	model := `{"queryType":"alerts","value":"state"}`
	for range 2 {
		ask(t, d, map[string]string{"FromAlert": "true"}, query("A", model))
	}
	ask(t, d, nil, query("A", model))
	ask(t, d, nil, query("A", model))
	if count := len(b.requests); count != 3 {
		t.Errorf("%d requests, not two of the rule and one of the panels", count)
	}
}

func TestRangeThatEndsNowIsAligned(t *testing.T) {
	now := time.UnixMilli(1_790_000_001_300)
	live := aligned(backend.TimeRange{From: now.Add(-time.Hour), To: now}, now)
	if want := time.UnixMilli(1_790_000_002_000); !live.To.Equal(want) || live.To.Sub(live.From) != time.Hour {
		t.Errorf("got %v", live)
	}
	past := backend.TimeRange{From: now.Add(-time.Hour), To: now.Add(-time.Minute)}
	if aligned(past, now) != past {
		t.Error("a range of the past was changed")
	}
}

func TestNoIdentityIsPassedOn(t *testing.T) {
	b := serve(t, reply(http.StatusOK, oneFrame))
	d := open(t, map[string]any{"url": b.URL}, nil)
	ask(t, d, map[string]string{
		"Authorization": "Bearer of-a-viewer", "X-Id-Token": "of-a-viewer", "Cookie": "session=of-a-viewer",
		"http_X-Grafana-User": "viewer", "http_X-Grafana-Id": "of-a-viewer",
	}, query("A", `{}`))
	for name, values := range b.last(t).header {
		for _, value := range values {
			if strings.Contains(value, "viewer") {
				t.Errorf("the server got %s: %s, so viewers must not share answers", name, value)
			}
		}
	}
}

func TestAPanicOfARequestIsItsError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := answerCache{}
		calls := 0
		ask := func(context.Context) ([]byte, error) {
			calls++
			panic("a fault")
		}
		for range 2 {
			if _, err := cache.get(t.Context(), "q", ask); err == nil || err.Error() != "a fault" {
				t.Errorf("got %v", err)
			}
		}
		if calls != 2 {
			t.Errorf("asked %d times: errors are not kept", calls)
		}
		time.Sleep(cacheAge)
		synctest.Wait()
	})
}
