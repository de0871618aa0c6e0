package search

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/stream"
)

// slowly finds one thing at a time, and never all.
type slowly struct{ item []byte }

func (s slowly) Find(context.Context, exchange.Requester, *query.Query) (Cursor, *protocol.Error) {
	return s, nil
}

func (s slowly) Next(context.Context, int) ([][]byte, stream.Step, *protocol.Error) {
	return [][]byte{s.item}, stream.More, nil
}

func (slowly) Close() {}

// Pages that are put together for many clients at a time do not take more memory than there is for them: they are smaller then.
func TestBeginningsOfPagesAreBounded(t *testing.T) {
	const size = 100 << 10
	s := NewService(Options{
		Finder: slowly{[]byte(`"` + strings.Repeat("x", size) + `"`)}, Metrics: metrics.New(), Clock: time.Now, Settings: Settings{Timeout: time.Hour},
	})
	many := make([]*pages, 2*maxBegun/MaxBytes)
	for i := range many {
		many[i] = &pages{service: s, query: &query.Query{Size: query.MaxSize}}
	}
	items := 0
	for range MaxBytes/size - 1 {
		for _, p := range many {
			page, step, err := p.next(t.Context(), nil, 1)
			if err != nil || (step == stream.Item) != (len(page) > size) {
				t.Fatalf("%v, %d bytes, %v", step, len(page), err)
			}
			if step == stream.Item {
				items++
			}
		}
		begun := 0
		for _, p := range many {
			begun += len(p.page)
		}
		if begun > maxBegun+len(many)*query.MaxSize || s.begun.Load() > maxBegun {
			t.Fatalf("%d bytes are kept, known are %d", begun, s.begun.Load())
		}
	}
	if items == 0 {
		t.Error("there was room for all")
	}
	for _, p := range many {
		p.release()
	}
	if n := s.begun.Load(); n != 0 {
		t.Errorf("%d bytes are kept at the end", n)
	}
}
