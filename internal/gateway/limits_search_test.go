package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/stream"
	"github.com/twinway/twinway/test/gatewaytest"
)

// A session has so many searches open and no more, whatever others have, and keeps nothing of them when it has ended.
func TestSearchesOfSessionsAreBounded(t *testing.T) {
	g := start(t)
	c, other := dial(t, g, gatewaytest.User), dial(t, g, gatewaytest.User)
	for i := range 3 {
		c.mustDo(command(fmt.Sprint("t", i), "create", "/", `{}`), 201, "")
	}
	subscribe, about := message("_/_/things/twin/search/subscribe", "/", `{"options":"size(1)"}`), func(action string, id int) string {
		return message("_/_/things/twin/search/"+action, "/", fmt.Sprintf(`{"subscriptionId":"%d","demand":1}`, id))
	}
	for i := range stream.MaxOpen {
		if got := c.ask(subscribe); !strings.Contains(got, "search/created") {
			t.Fatalf("the search %d is answered %s", i, got)
		}
	}
	c.mustDo(subscribe, 429, "too.many.requests")
	if got := other.ask(subscribe); !strings.Contains(got, "search/created") {
		t.Errorf("that of another session is answered %s", got)
	}
	if open := metric(t, g, "searches"); open != 0 {
		t.Errorf("%v searches are under way before a page was requested", open)
	}
	for i := range 3 {
		if got := c.ask(about("request", i)); !strings.Contains(got, "search/next") {
			t.Errorf("a request is answered %s", got)
		}
	}
	if open := metric(t, g, "searches"); open != 3 {
		t.Errorf("%v searches are under way, want 3", open)
	}
	if age := metric(t, g, "search_oldest_view_seconds"); age <= 0 {
		t.Errorf("the oldest has been for %v s", age)
	}
	c.send(about("cancel", 0))
	if got := c.ask(subscribe); !strings.Contains(got, `"subscriptionId":"64"`) {
		t.Errorf("one in the place of another is answered %s", got)
	}
	c.mustDo(subscribe, 429, "too.many.requests")
	_ = c.ws.CloseNow()
	until(t, "nothing is left of the session", func() bool { return metric(t, g, "searches") == 0 })
	if n, age := metric(t, g, `searches_total{outcome="refused"}`), metric(t, g, "search_oldest_view_seconds"); n != 2 || age != 0 {
		t.Errorf("%v were refused, and a view is open for %v s", n, age)
	}
	until(t, "all are counted", func() bool { return metric(t, g, `searches_total{outcome="cancelled"}`) == stream.MaxOpen+1 })
}
