package pebble

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/store"
)

var indexThings = flag.Int("index.things", 100_000, "how many things the benchmarks of the index have")

// templateThing is a thing as benchmarks have it, after so many coffees.
func templateThing(i, coffees int) store.Record {
	return store.Record{
		Revision: int64(coffees) + 1, Created: benchTime, Modified: benchTime.Add(time.Duration(coffees) * time.Millisecond),
		Doc: fmt.Appendf(nil, `{"thingId":"org.eclipse.ditto:test-thing-%d","policyId":"org.eclipse.ditto:test-thing-%d",`+
			`"definition":"org.eclipse.ditto:coffeebrewer:0.1.0","attributes":{"location":"test location","model":"Speaking coffee machine"},`+
			`"features":{"coffee-brewer":{"properties":{"brewed-coffees":%d}}}}`, i, i, coffees),
	}
}

// indexed is what is indexed of a record.
func indexed(r store.Record) index.Thing {
	return index.Thing{Doc: r.Doc, Meta: r.Meta, Created: r.Created, Modified: r.Modified}
}

func templateEntries(r store.Record) [][]byte {
	_, all := index.Changes(index.Thing{}, indexed(r))
	return all
}

// brew changes a thing that has had so many coffees.
func brew(i, coffees int, withIndex bool) store.Append {
	r := templateThing(i, coffees)
	a := store.Append{
		Key: thingKey(i), Expected: r.Revision - 1, Record: r,
		Event: store.Event{Revision: r.Revision, Time: r.Modified, Payload: fmt.Appendf(nil, "/features/coffee-brewer/properties/brewed-coffees %d", coffees)},
	}
	if withIndex {
		var before index.Thing
		if coffees > 0 {
			before = indexed(templateThing(i, coffees-1))
		}
		a.Index.Remove, a.Index.Add = index.Changes(before, indexed(r))
	} else if coffees > 0 { // as much work beside the index
		_, _ = indexed(templateThing(i, coffees-1)), indexed(r)
	}
	return a
}

// BenchmarkApplyIndex sets a property of things of the template, without and
// with what that does to the index. One operation is one batch.
func BenchmarkApplyIndex(b *testing.B) {
	for _, batch := range []int{1, 64} {
		for _, n := range []int{1, 16, 128} {
			for _, withIndex := range []bool{false, true} {
				b.Run(fmt.Sprintf("batch=%d/writers=%d/index=%t", batch, n, withIndex), func(b *testing.B) {
					s := mustOpen(b, Options{Dir: b.TempDir()})
					defer s.Close()
					for w := range n {
						var list []store.Append
						for i := range thingsPerWriter {
							list = append(list, brew(w*thingsPerWriter+i, 0, withIndex))
						}
						applyAll(b, s, list...)
					}
					var bytes, appends atomic.Int64
					began := processorTime()
					writers(b, n, func(w int, next func() bool) {
						coffees := slices.Repeat([]int{1}, thingsPerWriter)
						list := make([]store.Append, batch)
						for i := 0; next(); {
							for j := range list {
								at := i % thingsPerWriter
								list[j] = brew(w*thingsPerWriter+at, coffees[at], withIndex)
								coffees[at]++
								i++
							}
							c, err := s.Apply(list)
							if err == nil {
								bytes.Add(int64(c.(*commit).bytes))
								appends.Add(int64(batch))
								err = c.Wait()
							}
							if err != nil {
								b.Error(err)
								return
							}
						}
					})
					b.ReportMetric(float64(processorTime()-began)/float64(appends.Load()), "cpu-ns/append")
					b.ReportMetric(float64(bytes.Load())/float64(appends.Load()), "logbytes/append")
				})
			}
		}
	}
}

// processorTime is what the process has used so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// templateStore returns the directory of a store with so many things of the
// template, each with a policy, and without an index.
func templateStore(b *testing.B, things int) string {
	b.Helper()
	dir := b.TempDir()
	s := mustOpen(b, Options{Dir: dir})
	policy := bytes.Repeat([]byte(`{"subjects":{"integration:test":{"type":"any"}},`), 6)
	for i := 0; i < things; i += 250 {
		var batch []store.Append
		for j := i; j < min(i+250, things); j++ {
			a := brew(j, 0, false)
			p := change(store.Key{Kind: store.Policy, ID: a.Key.ID}, 1, 0)
			p.Record.Doc, p.Event.Payload = policy, policy
			batch = append(batch, a, p)
		}
		applyAll(b, s, batch...)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	return dir
}

// peakMemory is the most that the process has had so far, in bytes.
func peakMemory() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, _ := strconv.Atoi(kilobytes)
	return float64(n) * 1024
}

// BenchmarkRebuild makes the index of -index.things things.
func BenchmarkRebuild(b *testing.B) {
	things := *indexThings
	dir := templateStore(b, things)
	b.Logf("peak before %.0f MB", peakMemory()/1e6)
	runtime.GC()
	rules := 0
	for b.Loop() {
		rules++
		began := time.Now()
		s := mustOpen(b, Options{Dir: dir, IndexRules: strconv.Itoa(rules), Index: templateEntries})
		b.Logf("%d: %v, peak %.0f MB", rules, time.Since(began), peakMemory()/1e6)
		b.StopTimer()
		all, _ := s.db.EstimateDiskUsage([]byte{0}, []byte{0xFF})
		used, err := s.db.EstimateDiskUsage([]byte{tableIndex}, []byte{tableIndex + 1})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(used)/float64(things), "indexbytes/thing")
		b.ReportMetric(float64(all)/float64(things), "allbytes/thing")
		b.ReportMetric(peakMemory()/1e6, "peak-MB")
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkKeys reads the index of -index.things things from memory.
func BenchmarkKeys(b *testing.B) {
	things := *indexThings
	s := mustOpen(b, Options{Dir: templateStore(b, things), IndexRules: "template", Index: templateEntries})
	defer s.Close()
	v, err := s.Snapshot()
	if err != nil {
		b.Fatal(err)
	}
	defer v.Close()
	everywhere := []byte("attributes\x02location\x00") // one value that all things have
	k, err := v.Keys(everywhere, append(slices.Clip(everywhere), 0xFF))
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for ok := k.First(); ok; ok = k.Next() {
		n++
	}
	if n != things {
		b.Fatalf("%d things, error %v", n, k.Error())
	}
	b.Run("next", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !k.Next() && !k.First() {
				b.Fatal(k.Error())
			}
		}
	})
	b.Run("prev", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !k.Prev() && !k.Last() {
				b.Fatal(k.Error())
			}
		}
	})
	b.Run("seek", func(b *testing.B) {
		b.ReportAllocs()
		rng, to := rand.New(rand.NewPCG(1, 2)), []byte(nil)
		for b.Loop() {
			to = append(to[:0], k.Key()[:len(everywhere)+len("\x50test location\x00")]...)
			to = fmt.Appendf(to, "org.eclipse.ditto:test-thing-%d", rng.IntN(things))
			if !k.SeekGE(to) {
				b.Fatal(k.Error())
			}
		}
	})
	b.Run("view", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v, err := s.Snapshot()
			if err != nil {
				b.Fatal(err)
			}
			_ = v.Close()
		}
	})
	b.Run("keys", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			k, err := v.Keys(everywhere, nil)
			if err != nil || !k.First() {
				b.Fatal(err)
			}
			_ = k.Close()
		}
	})
	b.Run("load", func(b *testing.B) {
		b.ReportAllocs()
		rng := rand.New(rand.NewPCG(1, 2))
		for b.Loop() {
			if _, err := v.Load(thingKey(rng.IntN(things))); err != nil {
				b.Fatal(err)
			}
		}
	})
}
