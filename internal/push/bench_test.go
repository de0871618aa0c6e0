package push_test

import (
	"fmt"
	"testing"

	"github.com/twinway/twinway/internal/push"
	"github.com/twinway/twinway/internal/snapshot"
)

// BenchmarkApply is the time from Set until every pod of a Gateway has a new
// snapshot of 16 KiB and the fleet knows it. The pods run in the same process.
func BenchmarkApply(b *testing.B) {
	for _, pods := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(pods, " pods"), func(b *testing.B) {
			news := make(chan struct{}, 1)
			f := newFleet(b, push.Options{Changed: func(snapshot.Identity) {
				select {
				case news <- struct{}{}:
				default:
				}
			}})
			var targets []push.Pod
			for i := range pods {
				targets = append(targets, newPod(b, f.authority, plant).target(fmt.Sprint("gw-", i)))
			}
			desired := desire("begin", targets...)
			f.Set(plant, desired)
			f.acked(plant, desired)
			for i := 0; b.Loop(); i++ {
				desired := desire(fmt.Sprintf("%16384d", i), targets...)
				f.Set(plant, desired)
				for !allAcked(f, desired) {
					<-news
				}
			}
		})
	}
}

func allAcked(f *fleet, desired push.Desired) bool {
	for _, view := range f.View(plant) {
		if view.Err != "" || view.Status.Hash != desired.Hash {
			return false
		}
	}
	return true
}
