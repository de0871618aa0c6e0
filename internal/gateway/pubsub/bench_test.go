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
