package rest

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/finder"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/query"
)

// endless finds nothing as long as there is time. It implements Finder.
type endless struct {
	Finder
	begun chan struct{}
}

func (e endless) Page(ctx context.Context, _ exchange.Requester, _ *query.Query) (finder.Page, *protocol.Error) {
	e.begun <- struct{}{}
	<-ctx.Done()
	return finder.Page{}, protocol.ErrInternal()
}

func (e endless) Count(ctx context.Context, who exchange.Requester, q *query.Query) (int64, *protocol.Error) {
	_, err := e.Page(ctx, who, q)
	return 0, err
}

// TestSearchInTime has the time of searches end, and clients go away.
func TestSearchInTime(t *testing.T) {
	for name, serves := range map[string]endpoint{"search": searchThings, "count": countThings, "list": listThings} {
		e := endless{begun: make(chan struct{}, 1)}
		ctx, leave := context.WithCancel(t.Context())
		q := &request{
			server: &Server{options: Options{Finder: e}}, settings: &Settings{Timeout: time.Hour, MaxBody: 1},
			http: httptest.NewRequestWithContext(ctx, "GET", "/", nil), who: auth.Identity{Subjects: []string{"s:a"}},
		}
		short := time.Millisecond
		q.timeout = &short
		if a := serves(q); a.err == nil || a.status != 408 || a.err.Code != "thing-search:query.time.exceeded" {
			t.Errorf("%s: %+v when its time is over", name, a)
		}
		<-e.begun
		q.timeout = nil
		go func() { <-e.begun; leave() }()
		if a := serves(q); a.err == nil {
			t.Errorf("%s: %+v for nobody", name, a)
		}
	}
}

// TestParse reads parameters as they are written.
func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"filter=eq(a,1)": "eq(a,1)", "filter=%22;%22": `";"`, "filter=a%26b": "a&b", "x=1&filter=+": " ", "filter=a;b=c": "a;b=c", "": "",
	} {
		if values, err := parse(text); err != nil || values.Get("filter") != want {
			t.Errorf("%s: %q, %v", text, values, err)
		}
	}
	for _, text := range []string{"filter=%", "filter=%zz", "a=1&%2=2"} {
		if values, err := parse(text); err == nil || err.Status != 400 {
			t.Errorf("%s: %q", text, values)
		}
	}
}
