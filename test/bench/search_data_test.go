package bench

import (
	"bytes"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

var (
	benchThings = flag.String("bench.things", "10000", "among how many things searches are measured, separated by commas")
	benchDir    = flag.String("bench.dir", "", "where data directories with so many things are kept for the next time; none: they are made anew")
	benchCache  = flag.Int64("bench.cache", 0, "storage.cacheSize of the Gateway in bytes, 0 for the default")
)

// searched is a thing of the template with four attributes more: the n-th of a permutation of all things, as text and as a number,
// one of a hundred groups, and one of two.
const searched = `{"topic":"org.eclipse.ditto/test-thing-%d/things/twin/commands/create","headers":{"correlation-id":"c"},"path":"/","value":{` +
	`"definition":"org.eclipse.ditto:coffeebrewer:0.1.0","attributes":{"location":"test location","model":"Speaking coffee machine",` +
	`"serial":"SN%08d","weight":%d,"line":"line-%02d","half":%t},` +
	`"features":{"coffee-brewer":{"properties":{"brewed-coffees":0}}}}}`

// permuted returns where a thing is in an order that has nothing to do with that of the ids.
func permuted(i, of int) int { return int(uint64(i) * 2654435761 % uint64(prime(of))) }

// prime returns how many places there are in the order: a prime, which no number of things divides.
func prime(of int) int {
	for p := of; ; p++ {
		if isPrime(p) {
			return p
		}
	}
}

func isPrime(n int) bool {
	for d := 2; d*d <= n; d++ {
		if n%d == 0 {
			return false
		}
	}
	return n > 1
}

// numbers returns the numbers of things to measure with.
func numbers(b *testing.B) (all []int) {
	b.Helper()
	for text := range strings.SplitSeq(*benchThings, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1000 {
			b.Fatalf("-bench.things %s: no numbers of at least 1,000", *benchThings)
		}
		all = append(all, n)
	}
	return all
}

// temporary is where data directories are that nobody wants to keep.
var temporary struct {
	sync.Mutex
	dir string
}

func TestMain(m *testing.M) {
	code := m.Run()
	if temporary.dir != "" {
		_ = os.RemoveAll(temporary.dir)
	}
	os.Exit(code)
}

// home returns where data directories are kept.
func home(b *testing.B) string {
	b.Helper()
	if *benchDir != "" {
		return *benchDir
	}
	temporary.Lock()
	defer temporary.Unlock()
	if temporary.dir == "" {
		var err error
		if temporary.dir, err = os.MkdirTemp("", "twinway-bench"); err != nil {
			b.Fatal(err)
		}
	}
	return temporary.dir
}

// filled returns the data directory of a gateway with n things to search. Benchmarks may change what they do not search for.
func filled(b *testing.B, n int) string {
	b.Helper()
	dir := filepath.Join(home(b), fmt.Sprintf("things-%d", n))
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	draft := dir + ".draft"
	if err := os.RemoveAll(draft); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	g := open(b, draft)
	fill(b, g.Address(), n)
	if err := g.Close(); err != nil {
		b.Fatal(err)
	}
	b.Logf("made %d things in %v", n, time.Since(began).Round(time.Millisecond))
	if err := os.Rename(draft, dir); err != nil {
		b.Fatal(err)
	}
	return dir
}

// fill makes n things.
func fill(b *testing.B, address string, n int) {
	b.Helper()
	const sessions, window = 16, 32
	var next atomic.Int64
	var wg sync.WaitGroup
	p := uint64(prime(n))
	for range sessions {
		c := dial(b, address)
		wg.Go(func() {
			flying := 0
			send := func() bool {
				i := int(next.Add(1)) - 1
				if i >= n {
					return false
				}
				at := int(uint64(i) * 2654435761 % p)
				flying++
				return c.send(fmt.Sprintf(searched, i, at, at, at%100, at%2 == 0)) == nil
			}
			for flying < window && send() {
			}
			for ; flying > 0; flying-- {
				if reply, err := c.next(); err != nil || !bytes.Contains(reply, []byte(`"status":201`)) {
					b.Errorf("create: %s %v", reply, err)
					return
				}
				send()
			}
		})
	}
	wg.Wait()
	if b.Failed() {
		b.FailNow()
	}
}

// configuration returns the snapshot of the gateways that are searched.
func configuration(b *testing.B) *snapshot.Snapshot {
	b.Helper()
	snap := gatewaytest.Snapshot(b, "../../config/samples")
	if *benchCache > 0 {
		snap.Storage.CacheSize = *benchCache
	}
	return snap
}

// open starts a gateway on a data directory. It is for the caller to close.
func open(b *testing.B, dir string) *gateway.Gateway {
	b.Helper()
	g, err := gateway.Start(configuration(b), gateway.Options{
		DataDir: dir, Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	return g
}
