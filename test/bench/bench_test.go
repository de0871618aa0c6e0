package bench

import (
	"bytes"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

// thing is the template of the published benchmark of the reference, and
// modify the modification it makes.
const (
	things = 10_000
	thing  = `{"topic":"org.eclipse.ditto/test-thing-%d/things/twin/commands/create","headers":{"correlation-id":"c"},"path":"/","value":{` +
		`"definition":"org.eclipse.ditto:coffeebrewer:0.1.0","attributes":{"location":"test location","model":"Speaking coffee machine"},` +
		`"features":{"coffee-brewer":{"properties":{"brewed-coffees":0}}}}}`
	modify = `{"topic":"org.eclipse.ditto/test-thing-%d/things/twin/commands/modify","headers":{"correlation-id":"c%d"},` +
		`"path":"/features/coffee-brewer/properties/brewed-coffees","value":%d}`
	retrieve = `{"topic":"org.eclipse.ditto/test-thing-%d/things/twin/commands/retrieve","headers":{"correlation-id":"c%d"},"path":"/"}`
)

func start(b *testing.B) *gateway.Gateway {
	b.Helper()
	return gatewaytest.StartOn(b, gatewaytest.Snapshot(b, "../../config/samples"), b.TempDir())
}

// create makes n things.
func create(b *testing.B, address string, n int) {
	b.Helper()
	c := dial(b, address)
	go func() {
		for i := range n {
			if c.send(fmt.Sprintf(thing, i)) != nil {
				return
			}
		}
	}()
	for range n {
		if reply, err := c.next(); err != nil || !bytes.Contains(reply, []byte(`"status":201`)) {
			b.Fatalf("create: %s %v", reply, err)
		}
	}
}

// drive sends commands from 50 sessions, 16 in flight in each, until b.N are
// answered with the status.
func drive(b *testing.B, address, status string, command func(i int) string) {
	const sessions, window = 50, 16
	clients := make([]*client, sessions)
	for i := range clients {
		clients[i] = dial(b, address)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ReportAllocs()
	runtime.GC()
	b.ResetTimer()
	for _, c := range clients {
		wg.Go(func() {
			flying := 0
			send := func() bool {
				i := int(next.Add(1)) - 1
				if i >= b.N {
					return false
				}
				if err := c.send(command(i)); err != nil {
					b.Error(err)
					return false
				}
				flying++
				return true
			}
			for flying < window && send() {
			}
			for flying > 0 {
				reply, err := c.next()
				if err != nil || !bytes.Contains(reply, []byte(status)) {
					b.Errorf("%s %v", reply, err)
					return
				}
				flying--
				send()
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commands/s")
}

// BenchmarkModify is a durable modification of one property.
func BenchmarkModify(b *testing.B) {
	g := start(b)
	create(b, g.Address(), things)
	drive(b, g.Address(), `"status":204`, func(i int) string { return fmt.Sprintf(modify, i*7919%things, i, i) })
}

// BenchmarkRetrieve is a retrieve of a whole thing.
func BenchmarkRetrieve(b *testing.B) {
	g := start(b)
	create(b, g.Address(), things)
	drive(b, g.Address(), `"status":200`, func(i int) string { return fmt.Sprintf(retrieve, i*7919%things, i) })
}

// BenchmarkCreate makes things, each with a policy of its own.
func BenchmarkCreate(b *testing.B) {
	g := start(b)
	drive(b, g.Address(), `"status":201`, func(i int) string { return fmt.Sprintf(thing, i) })
}

// BenchmarkFanOut delivers the events of modifications to 1,000 sessions that
// all receive everything. One operation is one delivery.
func BenchmarkFanOut(b *testing.B) {
	g := start(b)
	create(b, g.Address(), 1)
	fanOut(b, g, func(int) *client { return dial(b, g.Address()) },
		func(i int) string { return fmt.Sprintf(modify, 0, i, i) })
}

// views is how many different parts of an event the sessions of
// BenchmarkFanOutViews see.
const views = 10

// BenchmarkFanOutViews is BenchmarkFanOut with sessions of ten subjects, each
// of which may read another part of what is modified.
func BenchmarkFanOutViews(b *testing.B) {
	snap := gatewaytest.Snapshot(b, "../../config/samples")
	snap.Authentication.PreAuthenticated = &snapshot.PreAuthentication{Source: snapshot.PreAuthenticationHeader}
	g := gatewaytest.StartOn(b, snap, b.TempDir())
	create(b, g.Address(), 1)
	owner := dial(b, g.Address())
	for i := range views {
		policy := fmt.Sprintf(`{"topic":"org.eclipse.ditto/test-thing-0/policies/commands/modify","headers":{"correlation-id":"p"},`+
			`"path":"/entries/reader%d","value":{"subjects":{"bench:reader%d":{"type":"t"}},"resources":{`+
			`"thing:/features/coffee-brewer/properties/p%d":{"grant":["READ"],"revoke":[]}}}}`, i, i, i)
		if err := owner.send(policy); err != nil {
			b.Fatal(err)
		}
		if reply, err := owner.next(); err != nil || !bytes.Contains(reply, []byte(`"status":201`)) {
			b.Fatalf("%s %v", reply, err)
		}
	}
	fanOut(b, g, func(i int) *client { return dialFor(b, g.Address(), fmt.Sprintf("bench:reader%d", i%views)) },
		func(i int) string {
			value := []byte{'{'}
			for v := range views {
				value = fmt.Appendf(value, `"p%d":%d,`, v, i)
			}
			value[len(value)-1] = '}'
			return fmt.Sprintf(`{"topic":"org.eclipse.ditto/test-thing-0/things/twin/commands/modify","headers":{"correlation-id":"c%d"},`+
				`"path":"/features/coffee-brewer/properties","value":%s}`, i, value)
		})
}

// fanOut delivers the events of commands to 1,000 sessions.
func fanOut(b *testing.B, g *gateway.Gateway, session func(i int) *client, command func(i int) string) {
	const subscribers, window = 1000, 64
	events := (b.N + subscribers - 1) / subscribers
	var wg sync.WaitGroup
	for i := range subscribers {
		c := session(i)
		if err := c.send("START-SEND-EVENTS"); err != nil {
			b.Fatal(err)
		}
		if ack, err := c.next(); err != nil || string(ack) != "START-SEND-EVENTS:ACK" {
			b.Fatalf("%s %v", ack, err)
		}
		wg.Go(func() {
			for i := range events {
				if _, err := c.next(); err != nil {
					b.Errorf("event %d of %d: %v", i, events, err)
					return
				}
			}
		})
	}
	publisher := dial(b, g.Address())
	b.ReportAllocs()
	runtime.GC()
	b.ResetTimer()
	places := make(chan struct{}, window)
	go func() {
		for i := range events {
			places <- struct{}{}
			if publisher.send(command(i)) != nil {
				return
			}
		}
	}()
	for range events {
		if _, err := publisher.next(); err != nil {
			b.Fatal(err)
		}
		<-places
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(events)*subscribers/b.Elapsed().Seconds(), "deliveries/s")
}
