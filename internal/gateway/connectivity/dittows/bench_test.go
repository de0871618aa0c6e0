package dittows_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/gateway/connectivity/dittows"
	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// BenchmarkPublish repeats events at a real gateway, which answers when they are on its disk.
func BenchmarkPublish(b *testing.B) {
	for _, delivery := range []snapshot.DeliveryGuarantee{snapshot.AtLeastOnce, snapshot.AtMostOnce} {
		b.Run(string(delivery), func(b *testing.B) {
			g := remote(b)
			d := newDevice(b, g)
			const things = 100
			messages := make([]*external.Message, things)
			for i := range messages {
				thing := fmt.Sprintf("bench%d", i)
				d.do(thing, "create", "/", "{}")
				messages[i] = &external.Message{Payload: []byte(happened(thing, "modified", "/attributes/a", `{"value":42,"unit":"V"}`, i))}
			}
			n := newNear(b, g.Address(), dittows.Settings{})
			c := n.open()
			var all sync.WaitGroup
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				all.Add(1)
				if err := c.Publish(context.Background(), messages[i%things], delivery, func(o link.Outcome) {
					if !o.Delivered() {
						b.Errorf("%+v", o)
					}
					all.Done()
				}); err != nil {
					b.Fatal(err)
				}
			}
			all.Wait()
		})
	}
}

// errNotRecorded keeps the consumer from recording. What it is told of is not taken, which is as much work.
var errNotRecorded = errors.New("not recorded")

// BenchmarkConsume consumes events as fast as another end sends them.
func BenchmarkConsume(b *testing.B) {
	const burst = 1000
	demand := make(chan struct{}, 1)
	texts := make([][]byte, burst)
	var served sync.WaitGroup
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		defer served.Done()
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		_, text, _ := ws.Read(r.Context())
		_ = ws.Write(r.Context(), websocket.MessageText, append(text, ":ACK"...))
		defer ws.CloseRead(r.Context())
		for range demand {
			for _, text := range texts {
				if ws.Write(r.Context(), websocket.MessageText, text) != nil {
					return
				}
			}
		}
	}))
	defer served.Wait()
	defer server.Close()
	for i := range texts {
		texts[i] = []byte(happened(fmt.Sprintf("t%d", i%100), "modified", "/attributes/a", `{"value":42,"unit":"V"}`, i))
	}
	n := newNear(b, server.Listener.Addr().String(), dittows.Settings{})
	var count atomic.Int64
	arrived := make(chan struct{}, 1)
	n.first(func(context.Context, link.Consumed) error {
		if count.Add(1)%burst == 0 {
			arrived <- struct{}{}
		}
		return errNotRecorded
	})
	c, err := n.dial()
	if err != nil {
		b.Fatal(err)
	}
	defer shut(c)
	defer close(demand)
	if err := c.Ask(context.Background(), []*snapshot.Subscription{inbound(snapshot.SignalTwinEvents)}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%burst == 0 {
			if i > 0 {
				<-arrived
			}
			demand <- struct{}{}
		}
	}
}
