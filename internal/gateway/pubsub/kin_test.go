package pubsub

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/rql"
)

// agent is a receiver that acts for somebody.
type agent struct {
	receiver
	of string
}

func (a *agent) Kin() any { return a.of }

// Who acts for the same is not told what one of them has caused, whether or not that one subscribes; anybody else is.
func TestKinAreNotTold(t *testing.T) {
	h := NewHub()
	one, two, other, stranger := &agent{of: "x"}, &agent{of: "x"}, &agent{of: "y"}, &receiver{}
	silent := &agent{of: "x"}
	for _, s := range []Subscriber{one, two, other, stranger} {
		h.Subscribe(s, nil)
	}
	h.Publish([]*Signal{signal("n", "by one", one), signal("n", "by nobody", nil), signal("n", "by silent", silent), signal("n", "by stranger", stranger)})
	for name, c := range map[string]struct {
		got, want []string
	}{
		"one":      {one.got, []string{"by nobody", "by stranger"}},
		"two":      {two.got, []string{"by nobody", "by stranger"}},
		"other":    {other.got, []string{"by one", "by nobody", "by silent", "by stranger"}},
		"stranger": {stranger.got, []string{"by one", "by nobody", "by silent"}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// odd is a signal that filters keep from everybody.
type odd struct{ words }

func (odd) View(_ *Audience, w *Want) View {
	if w != nil && w.Filter != nil {
		return Filtered
	}
	return "everybody's"
}

// Who wants to know how much its filter keeps from it is told of that, and of nobody else's.
func TestFilteredAreCountedForTheirWant(t *testing.T) {
	h := NewHub()
	filter, err := rql.CompileSignal(`eq(attributes/a,1)`)
	if err != nil {
		t.Fatal(err)
	}
	var mine, yours int64
	h.Subscribe(&receiver{}, &Want{Filter: filter, Filtered: func(n int64) { mine += n }})
	h.Subscribe(&receiver{}, &Want{Namespaces: []string{"elsewhere"}, Filter: filter, Filtered: func(n int64) { yours += n }})
	kin, akin := &agent{of: "x"}, &agent{of: "x"}
	var ours int64
	h.Subscribe(kin, &Want{Filter: filter, Filtered: func(n int64) { ours += n }})
	h.Publish([]*Signal{{Namespace: "n", Body: odd{"a"}}, {Namespace: "n", Body: odd{"b"}, Origin: akin}})
	if mine != 2 || yours != 0 || ours != 1 {
		t.Errorf("told of %d, %d and %d, want 2, 0 and 1", mine, yours, ours)
	}
	if n := h.Filtered(); n != 3 {
		t.Errorf("%d filtered in all, want 3", n)
	}
}
