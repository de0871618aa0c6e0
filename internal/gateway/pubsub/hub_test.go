package pubsub

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/wire"
)

// receiver notes the texts that it is delivered.
type receiver struct {
	audience Audience
	got      []string
}

func (r *receiver) Audience() *Audience { return &r.audience }

func (r *receiver) Deliver(b wire.Burst) { r.got = append(r.got, texts(b)...) }

// texts returns the payloads of a burst whose frames are short.
func texts(b wire.Burst) []string {
	var all []string
	for frames := b.Bytes(); len(frames) > 0; {
		n := int(frames[1])
		all = append(all, string(frames[2:2+n]))
		frames = frames[2+n:]
	}
	if len(all) != b.Len() || b.Len() == 0 {
		all = append(all, fmt.Sprintf("and claims to be %d frames", b.Len()))
	}
	return all
}

// words look the same to everybody.
type words string

func (w words) View(*Audience, *Want) View { return "everybody's" }

func (w words) Forget() {}

func (w words) AppendSignal(dst []byte, _ View, _ *Delivery) ([]byte, bool) {
	return append(dst, w...), true
}

func signal(ns, text string, origin Subscriber) *Signal {
	return &Signal{Namespace: ns, Origin: origin, Body: words(text)}
}

func TestPublishReachesWhoSubscribed(t *testing.T) {
	h := NewHub()
	all, a, ab, none := &receiver{}, &receiver{}, &receiver{}, &receiver{}
	h.Subscribe(all, nil)
	h.Subscribe(a, &Want{Namespaces: []string{"a"}})
	h.Subscribe(ab, &Want{Namespaces: []string{"a", "b"}})
	h.Publish([]*Signal{signal("a", "a1", nil), signal("a", "a2", nil)})
	h.Publish([]*Signal{signal("b", "b1", nil)})
	h.Publish([]*Signal{signal("c", "c1", nil)})
	for _, c := range []struct {
		name string
		r    *receiver
		want []string
	}{
		{"all", all, []string{"a1", "a2", "b1", "c1"}},
		{"a", a, []string{"a1", "a2"}},
		{"ab", ab, []string{"a1", "a2", "b1"}},
		{"none", none, nil},
	} {
		if diff := cmp.Diff(c.want, c.r.got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestMixedNamespacesKeepTheirOrder(t *testing.T) {
	h, all, b := NewHub(), &receiver{}, &receiver{}
	h.Subscribe(all, nil)
	h.Subscribe(b, &Want{Namespaces: []string{"b"}})
	var signals []*Signal
	for i := range 9 {
		signals = append(signals, signal(string("abc"[i%3]), fmt.Sprintf("%c%d", "abc"[i%3], i), nil))
	}
	h.Publish(signals)
	if diff := cmp.Diff([]string{"b1", "b4", "b7"}, b.got); diff != "" {
		t.Error(diff)
	}
	perNamespace := map[string]string{}
	for _, s := range all.got {
		perNamespace[s[:1]] += s
	}
	if diff := cmp.Diff(map[string]string{"a": "a0a3a6", "b": "b1b4b7", "c": "c2c5c8"}, perNamespace); diff != "" {
		t.Error(diff)
	}
}

func TestOriginIsNotTold(t *testing.T) {
	h, one, other := NewHub(), &receiver{}, &receiver{}
	h.Subscribe(one, nil)
	h.Subscribe(other, &Want{Namespaces: []string{"n"}})
	h.Publish([]*Signal{signal("n", "by one", one), signal("n", "by other", other), signal("n", "by nobody", nil)})
	h.Publish([]*Signal{signal("n", "only one", one)})
	if diff := cmp.Diff([]string{"by other", "by nobody"}, one.got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"by one", "by nobody", "only one"}, other.got); diff != "" {
		t.Error(diff)
	}
}

func TestSubscribeReplacesAndUnsubscribeEnds(t *testing.T) {
	h, r := NewHub(), &receiver{}
	h.Subscribe(r, &Want{Namespaces: []string{"a"}})
	h.Subscribe(r, &Want{Namespaces: []string{"b"}})
	h.Publish([]*Signal{signal("a", "a1", nil)})
	h.Publish([]*Signal{signal("b", "b1", nil)})
	h.Subscribe(r, nil)
	h.Publish([]*Signal{signal("a", "a2", nil)})
	if n := h.Subscribers(); n != 1 {
		t.Errorf("%d subscribers", n)
	}
	h.Unsubscribe(r)
	h.Unsubscribe(r)
	h.Publish([]*Signal{signal("a", "a3", nil)})
	if diff := cmp.Diff([]string{"b1", "a2"}, r.got); diff != "" {
		t.Error(diff)
	}
	if n := h.Subscribers() + len(h.byNamespace) + len(h.everything) + len(h.circles); n != 0 {
		t.Errorf("%d leftovers", n)
	}
}
