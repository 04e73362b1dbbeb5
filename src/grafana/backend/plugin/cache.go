package plugin

import (
	"context"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

const (
	// An answer is given to other viewers for this long.
	cacheAge = 2 * time.Second
	// Larger or more answers are given to viewers who wait, but not kept.
	cacheBytes   = 64 << 20
	cacheEntries = 1_000
)

// answerCache asks equal questions of many viewers once. It belongs to one revision of the settings of one data source.
// Every viewer of a data source may see every answer, because the plugin passes no identity on to the server.
// singleflight is not enough: it cannot cancel a request when all who wait for it have left.
type answerCache struct {
	mutex   sync.Mutex
	entries map[string]*cacheEntry
	bytes   int
}

// cacheEntry is one answer, or the request for it while done is open.
type cacheEntry struct {
	done    chan struct{}
	answer  []byte
	err     error
	waiting int
	cancel  func()
}

// get returns the answer to a question. It calls ask, unless the same was asked within cacheAge. Errors are not kept.
// The callers share the answer and must not change it.
func (c *answerCache) get(ctx context.Context, question string, ask func(context.Context) ([]byte, error)) ([]byte, error) {
	c.mutex.Lock()
	entry := c.entries[question]
	if entry == nil {
		// The request must outlive the caller that starts it, because others may wait for it.
		shared, cancel := context.WithCancel(context.WithoutCancel(ctx))
		entry = &cacheEntry{done: make(chan struct{}), cancel: cancel}
		if c.entries == nil {
			c.entries = map[string]*cacheEntry{}
		}
		c.entries[question] = entry
		go func() {
			answer, err := calmly(shared, ask)
			c.finish(question, entry, answer, err)
		}()
	}
	entry.waiting++
	c.mutex.Unlock()
	select {
	case <-entry.done:
		return entry.answer, entry.err
	case <-ctx.Done():
		c.mutex.Lock()
		defer c.mutex.Unlock()
		if entry.waiting--; entry.waiting == 0 {
			entry.cancel()
			c.remove(question, entry)
		}
		return nil, cancelled()
	}
}

func calmly(ctx context.Context, ask func(context.Context) ([]byte, error)) (answer []byte, err error) {
	defer recovered(&err)
	return ask(ctx)
}

func (c *answerCache) finish(question string, entry *cacheEntry, answer []byte, err error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	entry.answer, entry.err = answer, err
	entry.cancel()
	close(entry.done)
	c.bytes += len(answer)
	age := cacheAge
	if err != nil || c.bytes > cacheBytes || len(c.entries) > cacheEntries {
		c.remove(question, entry)
		age = 0
	}
	time.AfterFunc(age, func() {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		c.remove(question, entry)
		c.bytes -= len(answer)
	})
}

// remove forgets an answer, or a cancelled request that a later caller must not wait for.
func (c *answerCache) remove(question string, entry *cacheEntry) {
	if c.entries[question] == entry {
		delete(c.entries, question)
	}
}

// aligned moves a range that ends now to the next multiple of cacheAge, so that viewers who refresh at different moments
// ask the same.
func aligned(given backend.TimeRange, now time.Time) backend.TimeRange {
	if given.To.Sub(now).Abs() > cacheAge {
		return given
	}
	shift := given.To.Add(cacheAge - 1).Truncate(cacheAge).Sub(given.To)
	return backend.TimeRange{From: given.From.Add(shift), To: given.To.Add(shift)}
}
