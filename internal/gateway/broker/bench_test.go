package broker

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// ignored is the Done of an owner who does not look at what it is told.
func ignored(ack.Result, any) {}

// BenchmarkAcknowledged opens a wait, gives the signal to who is asked, and has each label acknowledged.
func BenchmarkAcknowledged(b *testing.B) {
	for _, n := range []int{1, 3} {
		b.Run(fmt.Sprintf("labels=%d", n), func(b *testing.B) {
			w := newWorld(b, Options{})
			labels := []string{"a-a", "b-b", "c-c"}[:n]
			asker, t := w.member(), terms(false, "c", labels...)
			t.Done = ignored
			members, envs := make([]*member, n), make([]*protocol.Envelope, n)
			for i, label := range labels {
				members[i] = w.member(label)
				envs[i] = &protocol.Envelope{Status: 200, Topic: protocol.Topic{
					Namespace: "ns", Name: "thing", Group: protocol.Things, Channel: protocol.Twin, Criterion: protocol.Acks, Subject: label,
				}}
				envs[i].Headers.SetString(protocol.HeaderCorrelationID, "c")
			}
			b.ReportAllocs()
			for b.Loop() {
				t.Received = time.Now()
				wait, err := w.Open(asker.party, t)
				if err != nil {
					b.Fatal(err)
				}
				for _, m := range members {
					wait.Give(m, wait.Asked(m.Audience()))
				}
				wait.Given()
				for i, m := range members {
					_ = w.Acknowledge(m, envs[i])
				}
			}
			b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "acks/s")
		})
	}
}

// BenchmarkResponse opens a wait for a live signal, gives it to a device and has that respond.
func BenchmarkResponse(b *testing.B) {
	w := newWorld(b, Options{})
	asker, device, t := w.member(), w.member(), terms(true, "c")
	t.Done = ignored
	b.ReportAllocs()
	for b.Loop() {
		t.Received = time.Now()
		wait, err := w.Open(asker.party, t)
		if err != nil {
			b.Fatal(err)
		}
		wait.Give(device, wait.Asked(device.Audience()))
		wait.Given()
		w.Find(device.party, "c").Respond(response(200), nil)
	}
}

// BenchmarkResponseParallel has many pairs do so at the same time, each with ids of its own.
func BenchmarkResponseParallel(b *testing.B) {
	w := newWorld(b, Options{})
	var pairs atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		id := fmt.Sprint("c", pairs.Add(1))
		asker, device, t := w.member(), w.member(), terms(true, id)
		t.Done = ignored
		for pb.Next() {
			t.Received = time.Now()
			wait, err := w.Open(asker.party, t)
			if err != nil {
				b.Error(err)
				return
			}
			wait.Give(device, wait.Asked(device.Audience()))
			wait.Given()
			w.Find(device.party, id).Respond(response(200), nil)
		}
	})
}

// pend opens n waits of many parties, each with an id of its own, and gives each to one of many devices.
func pend(w *world, n int, live bool, labels ...string) {
	askers, devices := make([]*member, 100), make([]*member, 100)
	for i := range askers {
		askers[i], devices[i] = w.member(), w.member(labels...)
	}
	t := terms(live, "", labels...)
	t.Plan.Wait = time.Minute
	t.Done = ignored
	for i := range n {
		t.CorrelationID = fmt.Sprint("correlation-", i)
		wait, err := w.Open(askers[i%len(askers)].party, t)
		if err != nil {
			w.Fatal(err)
		}
		device := devices[i*7%len(devices)]
		wait.Give(device, wait.Asked(device.Audience()))
		wait.Given()
	}
}

// BenchmarkPending reports what a wait takes that is pending among a hundred thousand, in bytes.
func BenchmarkPending(b *testing.B) {
	const n = 100_000
	for name, labels := range map[string][]string{"response": nil, "ack": {"my:ack"}} {
		b.Run(name, func(b *testing.B) {
			perWait := 0.0
			for b.Loop() {
				w := newWorld(b, Options{})
				var before, after runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&before)
				pend(w, n, labels == nil, labels...)
				runtime.GC()
				runtime.ReadMemStats(&after)
				perWait = float64(after.HeapAlloc-before.HeapAlloc) / n
				w.Close()
			}
			b.ReportMetric(perWait, "bytes/wait")
		})
	}
}

// TestPendingCostsNothing checks that a hundred thousand pending waits keep no goroutine busy: nobody looks at the clock until
// their time comes.
func TestPendingCostsNothing(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 10_000
	}
	synctest.Test(t, func(t *testing.T) {
		var looks atomic.Int64
		w := newWorld(t, Options{Clock: func() time.Time { looks.Add(1); return time.Now() }})
		goroutines := runtime.NumGoroutine()
		pend(w, n, false, "my:ack")
		synctest.Wait()
		if more := runtime.NumGoroutine() - goroutines; more > 0 {
			t.Errorf("%d goroutines more", more)
		}
		before := looks.Load()
		time.Sleep(time.Minute - time.Second)
		synctest.Wait()
		if got := looks.Load() - before; got != 0 {
			t.Errorf("the clock was looked at %d times", got)
		}
		if w.Waits() != n || w.Dues() != n {
			t.Errorf("%d waits, %d dues", w.Waits(), w.Dues())
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		w.empty()
		if got := looks.Load() - before; got > 10 {
			t.Errorf("the clock was looked at %d times for one moment", got)
		}
	})
}
