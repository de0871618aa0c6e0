package pubsub

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/wire"
)

// nobody counts what it is given.
type nobody struct {
	audience Audience
	frames   int
}

func (n *nobody) Audience() *Audience { return &n.audience }

func (n *nobody) Deliver(b wire.Burst) { n.frames += b.Len() }

// picture is told in as many ways as it has views, by the first subject.
type picture struct {
	text  string
	views map[string]*string
}

func (p *picture) View(a *Audience, _ *Want) View {
	if v := p.views[a.Subjects[0]]; v != nil {
		return v
	}
	return nil
}

func (p *picture) Forget() {}

func (p *picture) AppendSignal(dst []byte, v View, _ *Delivery) ([]byte, bool) {
	return append(append(dst, p.text...), *v.(*string)...), true
}

func BenchmarkPublishTo1000(b *testing.B) {
	const subscribers = 1000
	for _, shape := range []struct{ subjects, views int }{{1, 1}, {10, 10}, {1000, 1}, {1000, 10}, {1000, 1000}} {
		for _, perBurst := range []int{1, 64} {
			b.Run(fmt.Sprintf("subjects=%d/views=%d/burst=%d", shape.subjects, shape.views, perBurst), func(b *testing.B) {
				h, body := NewHub(), &picture{text: strings.Repeat("x", 400), views: map[string]*string{}}
				views := make([]string, shape.views)
				for i := range subscribers {
					subject := fmt.Sprint("subject", i%shape.subjects)
					body.views[subject] = &views[i%shape.views]
					h.Subscribe(&nobody{audience: Audience{Subjects: []string{subject}}}, nil)
				}
				var signals []*Signal
				for range perBurst {
					signals = append(signals, &Signal{Namespace: "n", Body: body})
				}
				b.ReportAllocs()
				for b.Loop() {
					h.Publish(signals)
				}
				b.ReportMetric(float64(b.N)*subscribers*float64(perBurst)/b.Elapsed().Seconds(), "deliveries/s")
			})
		}
	}
}

// rota asks everybody for the same, in other words if it has some.
type rota struct{ Delivery }

func (*rota) Asked(*Audience) Delivery { return Delivery{} }

func (r *rota) Give(Subscriber, Delivery) Delivery { return r.Delivery }

func (*rota) Given() {}

// BenchmarkPublishAnswered publishes 64 signals to 1,000 subscribers, of which one has an account: what that costs the
// others, and what it costs to ask each subscriber in other words.
func BenchmarkPublishAnswered(b *testing.B) {
	for name, account := range map[string]Account{
		"nobody asks": nil, "all are asked the same": &rota{}, "each with an id of its own": &rota{Delivery{CorrelationID: "c#1"}},
	} {
		b.Run(name, func(b *testing.B) {
			view := ""
			h, body := NewHub(), &picture{text: strings.Repeat("x", 400), views: map[string]*string{"s": &view}}
			for range 1000 {
				h.Subscribe(&nobody{audience: Audience{Subjects: []string{"s"}}}, nil)
			}
			var signals []*Signal
			for range 64 {
				signals = append(signals, &Signal{Namespace: "n", Body: body})
			}
			signals[7].Account = account
			b.ReportAllocs()
			for b.Loop() {
				h.Publish(signals)
			}
		})
	}
}
