package kafka

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// watch loses the client when no broker has given an answer for a while.
func (c *client) watch() {
	ticker := time.NewTicker(c.times.check)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-c.nudge:
		case <-c.ctx.Done():
			return
		}
		if err := c.answered(); err != nil {
			c.lose(fmt.Errorf("no broker answers: %w", failure(err)))
			return
		}
	}
}

// answered returns when a broker has answered, or nil if the client is closed. The error is the last one when none does for too long,
// or one that does not get better by trying again.
func (c *client) answered() error {
	patience := time.Now().Add(c.times.patience)
	for {
		err := c.ping()
		if err == nil || c.ctx.Err() != nil {
			return nil
		}
		if time.Now().After(patience) {
			return err
		}
		link.Pause(c.ctx, c.times.answer/5)
	}
}

func (c *client) ping() error {
	ctx, cancel := context.WithTimeout(c.ctx, c.times.answer)
	defer cancel()
	return c.producer.Ping(ctx)
}

// breaks tells the watch that a connection has broken: it need not wait to find out whether that is all.
type breaks struct{ nudge chan<- struct{} }

// OnBrokerDisconnect implements kgo.HookBrokerDisconnect.
func (b breaks) OnBrokerDisconnect(kgo.BrokerMetadata, net.Conn) {
	select {
	case b.nudge <- struct{}{}:
	default:
	}
}
