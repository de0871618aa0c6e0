package deadline_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/deadline"
)

func nothing() {}

// full returns a wheel with many timers that are due in a minute and later.
func full(b *testing.B, n int) *deadline.Wheel {
	w := deadline.New(deadline.Options{Capacity: n + 1})
	b.Cleanup(func() { w.Close() })
	timers := make([]deadline.Timer, n)
	for i := range timers {
		w.Add(&timers[i], time.Now().Add(time.Minute+time.Duration(i)*ms), nothing)
	}
	return w
}

// A wait that is answered: Add and Stop, with more and more that are pending.
func BenchmarkAddStop(b *testing.B) {
	for name, n := range map[string]int{"pending=0": 0, "pending=100000": many, "pending=1000000": 10 * many} {
		b.Run(name, func(b *testing.B) {
			w := full(b, n)
			var timer deadline.Timer
			at := time.Now().Add(10 * time.Second)
			b.ReportAllocs()
			for b.Loop() {
				w.Add(&timer, at, nothing)
				timer.Stop()
			}
		})
	}
}

func BenchmarkAddStopParallel(b *testing.B) {
	w := full(b, many)
	at := time.Now().Add(10 * time.Second)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		var timer deadline.Timer
		for pb.Next() {
			w.Add(&timer, at, nothing)
			timer.Stop()
		}
	})
}

// What many pending waits hold of memory, with all that the wheel has.
func BenchmarkPending(b *testing.B) {
	b.ReportAllocs()
	var held uint64
	for b.Loop() {
		before := heap()
		w := full(b, many)
		held = heap() - before
		w.Close()
	}
	b.ReportMetric(float64(held)/many, "B/wait")
}

// Many that are due at the same time: how long each takes until it is called.
func BenchmarkExpire(b *testing.B) {
	timers := make([]deadline.Timer, many)
	w := deadline.New(deadline.Options{Granularity: ms})
	defer w.Close()
	b.ReportAllocs()
	for b.Loop() {
		done, left := make(chan struct{}), many
		f := func() {
			if left--; left == 0 {
				close(done)
			}
		}
		for i := range timers {
			w.Add(&timers[i], time.Time{}, f)
		}
		<-done
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*many), "ns/wait")
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
