package bench

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/relay"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/store/pebble"
	"github.com/twinway/twinway/internal/gateway/twin"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// BenchmarkMessageInProcess is a message that a device answers, and the answer, without sockets: from the text of the one to
// the frame of the other, 64 at once.
func BenchmarkMessageInProcess(b *testing.B) {
	const pairs = 64
	s := newStand(b)
	for i := range pairs {
		s.furnish(b, i)
	}
	places := make(chan int, pairs)
	for i := range pairs {
		places <- i
	}
	b.ReportAllocs()
	b.SetParallelism(pairs / 2)
	b.RunParallel(func(pb *testing.PB) {
		i := <-places
		application, device := s.newParty(), s.newParty()
		s.hubs.Messages.Subscribe(device, &pubsub.Want{Namespaces: []string{fmt.Sprintf("bench.d%d", i)}})
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for frame := range device.received {
				s.handle(b, device, fmt.Appendf(nil, reply, i, correlationID(frame)))
			}
		}()
		text := []byte(fmt.Sprintf(question, i, i, ""))
		for pb.Next() {
			s.handle(b, application, text)
			if answer := <-application.received; !bytes.Contains(answer, []byte(`"status":200`)) {
				b.Errorf("answered %s", answer)
				break
			}
		}
		s.hubs.Messages.Unsubscribe(device)
		close(device.received)
		<-ended
	})
}

// stand is the inside of a gateway on a disk in memory.
type stand struct {
	authority *authority.Authority
	broker    *broker.Broker
	hubs      relay.Hubs
	twins     *twin.Service
	relay     *relay.Service
}

func newStand(b *testing.B) *stand {
	b.Helper()
	disk, err := pebble.Open(pebble.Options{Dir: "db", FS: vfs.NewMem(), CacheSize: 64 << 20, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	s := &stand{hubs: relay.Hubs{Messages: pubsub.NewHub(), Commands: pubsub.NewHub(), Events: pubsub.NewHub()}}
	s.broker = broker.New(broker.Options{})
	s.authority = authority.NewAuthority(disk, 16<<20, authority.Settings{
		Creation: authority.AnyoneCreates(), Policies: policy.Settings{MaxSize: policy.DefaultMaxSize, MaxImports: policy.DefaultMaxImports},
	})
	e := engine.New(engine.Options{Store: disk, Publisher: s, Hooks: s, Clock: time.Now})
	counted := metrics.New()
	twins, live := twin.Settings{Timeout: time.Minute}, relay.Settings{Timeout: time.Minute}
	twins.Limits.MaxSize, live.Limits.MaxSize = 100<<10, 100<<10
	s.twins = twin.NewService(twin.Options{
		Engine: e, Authority: s.authority, Broker: s.broker, History: history.New(disk), Metrics: counted, Clock: time.Now,
		Settings: twins,
	})
	s.relay = relay.NewService(relay.Options{
		Engine: e, Authority: s.authority, Broker: s.broker, Hubs: s.hubs, Metrics: counted, Clock: time.Now,
		Settings: live,
	})
	b.Cleanup(func() {
		e.Close()
		s.broker.Close()
		if err := disk.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

// Publish implements engine.Publisher.
func (s *stand) Publish(signals []*pubsub.Signal) {
	for i, signal := range signals {
		if signal.Hub != nil {
			signal.Hub.Publish(signals[i : i+1])
		}
	}
}

// Durable implements engine.Hooks.
func (s *stand) Durable(changes []store.Append) {
	for i := range changes {
		if changes[i].Key.Kind == store.Policy {
			s.authority.Policies.Changed(changes[i].Key.ID)
		}
	}
}

// GroupDecided and StoreRefused implement engine.Hooks.
func (*stand) GroupDecided(int, int) {}

// StoreRefused is documented with GroupDecided.
func (*stand) StoreRefused(error) {}

// furnish makes the thing of a device.
func (s *stand) furnish(b *testing.B, i int) {
	b.Helper()
	p, env := s.newParty(), decode(b, fmt.Appendf(nil, device, i))
	s.twins.Handle(b.Context(), p, env)
	if answer := <-p.received; !bytes.Contains(answer, []byte(`"status":201`)) {
		b.Fatalf("create: %s", answer)
	}
}

// handle lets a party send a text on the live channel.
func (s *stand) handle(b *testing.B, p *party, text []byte) {
	s.relay.Handle(b.Context(), p, decode(b, text))
}

func decode(b *testing.B, text []byte) *protocol.Envelope {
	env := &protocol.Envelope{}
	if err := protocol.Decode(text, env); err != nil {
		b.Errorf("%s: %v", text, err)
	}
	return env
}

// party is somebody without a socket. It has room for the one frame that it waits for.
type party struct {
	audience pubsub.Audience
	party    *broker.Party
	received chan []byte
}

func (s *stand) newParty() *party {
	return &party{audience: pubsub.Audience{Subjects: []string{"nginx:ditto"}}, party: s.broker.NewParty(), received: make(chan []byte, 1)}
}

func (p *party) Audience() *pubsub.Audience          { return &p.audience }
func (p *party) Party() *broker.Party                { return p.party }
func (*party) MayAccess(protocol.Group, string) bool { return true }
func (p *party) Reply(a exchange.Envelope, size int) {
	p.received <- wire.AppendText(make([]byte, 0, size), a.Append)
}
func (p *party) Answer(a exchange.Envelope) {
	p.received <- wire.AppendText(make([]byte, 0, 512), a.Append)
}
func (*party) NoReply()               {}
func (p *party) Deliver(b wire.Burst) { p.received <- b.Frame(0) }
