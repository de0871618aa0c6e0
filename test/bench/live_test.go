package bench

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway"
)

// Each device has a thing in a namespace of its own, by which it subscribes.
const (
	device = `{"topic":"bench.d%d/device/things/twin/commands/create","headers":{"correlation-id":"c"},"path":"/","value":{` +
		`"attributes":{"location":"test location"}}}`
	question = `{"topic":"bench.d%d/device/things/live/messages/ask","headers":{"correlation-id":"c%d","content-type":"application/json"%s},` +
		`"path":"/inbox/messages/ask","value":{"brew":"coffee"}}`
	reply = `{"topic":"bench.d%d/device/things/live/messages/ask","headers":{"correlation-id":"%s","content-type":"application/json"},` +
		`"path":"/inbox/messages/ask","value":{"done":true},"status":200}`
	locate = `{"topic":"bench.d%d/device/things/twin/commands/modify","headers":{"correlation-id":"c%d","requested-acks":[%s]},` +
		`"path":"/attributes/location","value":"kitchen"}`
	acknowledgement = `{"topic":"bench.d%d/device/things/twin/acks/%s","headers":{"correlation-id":"%s"},"path":"/","status":200}`
)

// furnish makes the things of n devices.
func furnish(b *testing.B, g *gateway.Gateway, n int) {
	b.Helper()
	c := dial(b, g.Address())
	for i := range n {
		c.ask(b, fmt.Sprintf(device, i), `"status":201`)
	}
}

// ask sends a text and waits for the answer, which must hold another one.
func (c *client) ask(b *testing.B, text, want string) {
	b.Helper()
	if err := c.send(text); err != nil {
		b.Fatal(err)
	}
	if answer, err := c.next(); err != nil || !bytes.Contains(answer, []byte(want)) {
		b.Fatalf("%s is answered %s %v", text, answer, err)
	}
}

// answering makes a session that declares a label, unless it is empty, and receives signals of a device's namespace; it answers
// each with what say makes of its correlation id, unless that is nothing.
func answering(b *testing.B, g *gateway.Gateway, i int, label, start string, say func(correlationID []byte) string) {
	b.Helper()
	header := authorization()
	if label != "" {
		header += "\r\ndeclared-acks: " + label
	}
	c := dialWith(b, g.Address(), header)
	c.ask(b, fmt.Sprintf("%s?namespaces=bench.d%d", start, i), start)
	go func() {
		for {
			signal, err := c.next()
			if err != nil {
				return
			}
			if text := say(correlationID(signal)); text != "" && c.send(text) != nil {
				return
			}
		}
	}()
}

// correlationID finds the one of an envelope.
func correlationID(envelope []byte) []byte {
	_, rest, _ := bytes.Cut(envelope, []byte(`"correlation-id":"`))
	id, _, _ := bytes.Cut(rest, []byte{'"'})
	return id
}

// converse sends what say makes of a number from sessions, one for each device, until n are answered with a text in it.
func converse(b *testing.B, g *gateway.Gateway, n, sessions, window int, want string, say func(device, i int) string) {
	clients := make([]*client, sessions)
	for i := range clients {
		clients[i] = dial(b, g.Address())
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ReportAllocs()
	runtime.GC()
	b.ResetTimer()
	busy := processorTime()
	for device, c := range clients {
		wg.Go(func() {
			flying := 0
			send := func() bool {
				i := int(next.Add(1)) - 1
				if i >= n || c.send(say(device, i)) != nil {
					return false
				}
				flying++
				return true
			}
			for flying < window && send() {
			}
			for ; flying > 0; flying-- {
				answer, err := c.next()
				if err != nil || !bytes.Contains(answer, []byte(want)) {
					b.Errorf("%s %v", answer, err)
					return
				}
				send()
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "requests/s")
	reportProcessor(b, busy, n)
}

// BenchmarkMessage is a message that a device answers, and the answer: between two sessions with one or many under way, and
// between fifty applications and as many devices.
func BenchmarkMessage(b *testing.B) {
	for _, p := range []struct{ pairs, window int }{{1, 1}, {1, 64}, {50, 16}} {
		b.Run(fmt.Sprintf("pairs=%d/window=%d", p.pairs, p.window), func(b *testing.B) {
			g := start(b)
			furnish(b, g, p.pairs)
			for i := range p.pairs {
				answering(b, g, i, "", "START-SEND-MESSAGES", func(id []byte) string { return fmt.Sprintf(reply, i, id) })
			}
			converse(b, g, b.N, p.pairs, p.window, `"status":200`, func(device, i int) string { return fmt.Sprintf(question, device, i, "") })
		})
	}
}

// BenchmarkMessageOneWay is a message that nobody answers, from fifty applications to as many devices. One operation is one
// delivery.
func BenchmarkMessageOneWay(b *testing.B) {
	const pairs = 50
	g := start(b)
	furnish(b, g, pairs)
	each := (b.N + pairs - 1) / pairs
	var delivered sync.WaitGroup
	delivered.Add(pairs * each)
	for i := range pairs {
		answering(b, g, i, "", "START-SEND-MESSAGES", func([]byte) string {
			delivered.Done()
			return ""
		})
	}
	b.ReportAllocs()
	runtime.GC()
	b.ResetTimer()
	busy := processorTime()
	for i := range pairs {
		c := dial(b, g.Address())
		go func() {
			for n := range each {
				if c.send(fmt.Sprintf(question, i, n, `,"response-required":false`)) != nil {
					return
				}
			}
		}()
	}
	delivered.Wait()
	b.StopTimer()
	b.ReportMetric(float64(pairs*each)/b.Elapsed().Seconds(), "messages/s")
	reportProcessor(b, busy, pairs*each)
}

// BenchmarkAcknowledge is a durable modification whose acknowledgements, each of another session, make up the answer.
func BenchmarkAcknowledge(b *testing.B) {
	for _, labels := range []int{1, 3} {
		b.Run(fmt.Sprintf("labels=%d", labels), func(b *testing.B) {
			const writers = 50
			g := start(b)
			furnish(b, g, writers)
			requested := make([]string, writers)
			for i := range writers {
				requested[i] = `"` + strings.Join(labelsOf(i, labels), `","`) + `"`
				for _, label := range labelsOf(i, labels) {
					answering(b, g, i, label, "START-SEND-EVENTS", func(id []byte) string { return fmt.Sprintf(acknowledgement, i, label, id) })
				}
			}
			converse(b, g, b.N, writers, 16, `"status":200}`, func(device, i int) string { return fmt.Sprintf(locate, device, i, requested[device]) })
			b.ReportMetric(float64(b.N*labels)/b.Elapsed().Seconds(), "acks/s")
		})
	}
}

func labelsOf(device, n int) (labels []string) {
	for i := range n {
		labels = append(labels, fmt.Sprintf("device-%d:%d", device, i))
	}
	return labels
}

// BenchmarkAcknowledgeWeakly is a durable modification with acknowledgements of fifty labels that a session has declared which
// does not receive the event. One operation is one acknowledgement.
func BenchmarkAcknowledgeWeakly(b *testing.B) {
	const writers, labels = 50, 50
	g := start(b)
	furnish(b, g, writers)
	all := labelsOf(0, labels)
	answering(b, g, writers, strings.Join(all, ","), "START-SEND-EVENTS", func([]byte) string { return "" })
	requested := `"` + strings.Join(all, `","`) + `"`
	n := (b.N + labels - 1) / labels
	converse(b, g, n, writers, 16, `"status":200}`, func(device, i int) string { return fmt.Sprintf(locate, device, i, requested) })
	b.ReportMetric(float64(n*labels)/b.Elapsed().Seconds(), "acks/s")
}

// BenchmarkPending is what 100,000 messages cost that wait for an answer: memory of the whole process for each, which here
// includes the clients', and processor time while nothing happens.
func BenchmarkPending(b *testing.B) {
	const sessions, each, idle = 10, 10_000, 3 * time.Second
	g := start(b)
	furnish(b, g, sessions)
	var delivered sync.WaitGroup
	delivered.Add(sessions * each)
	for i := range sessions {
		answering(b, g, i, "", "START-SEND-MESSAGES", func([]byte) string {
			delivered.Done()
			return ""
		})
	}
	var clients []*client
	for range sessions {
		clients = append(clients, dial(b, g.Address()))
	}
	time.Sleep(idle)
	before, calm := heap(), load(idle)
	for i, c := range clients {
		go func() {
			for n := range each {
				if c.send(fmt.Sprintf(question, i, n, `,"timeout":"60s"`)) != nil {
					return
				}
			}
		}()
	}
	delivered.Wait()
	b.ReportMetric(float64(heap()-before)/(sessions*each), "B/wait")
	b.ReportMetric(1000*calm, "calm-cpu-ms/s")
	b.ReportMetric(1000*load(idle), "cpu-ms/s")
	b.ReportMetric(0, "ns/op")
}

// reportProcessor reports the processor time of each of n, clients included: it depends less than the rate on what else the
// machine does.
func reportProcessor(b *testing.B, began time.Duration, n int) {
	b.ReportMetric(float64((processorTime()-began).Nanoseconds())/1000/float64(n), "cpu-µs/each")
}

// heap returns how much memory is in use.
func heap() uint64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// load returns how many processors the process keeps busy for a while.
func load(during time.Duration) float64 {
	began := processorTime()
	time.Sleep(during)
	return (processorTime() - began).Seconds() / during.Seconds()
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
