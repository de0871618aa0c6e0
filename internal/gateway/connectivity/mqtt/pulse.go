package mqtt

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
)

// patience is how long the broker may leave something unacknowledged while it lets hear of itself.
const patience = time.Minute

// pulse says whether the other end is alive. Times are in nanoseconds since 1970.
type pulse struct {
	// every is how long either end may be silent; 0 for ever.
	every time.Duration
	// last is when something was heard; 0 while the reader waits for room and hears nothing.
	last atomic.Int64
	// pinged is since when an answer is asked for.
	pinged int64
}

// start takes what the client wants, unless the broker wants something else, in seconds.
func (p *pulse) start(wanted time.Duration, granted int) {
	p.every = wanted
	if granted >= 0 {
		p.every = time.Duration(granted) * time.Second
	}
	p.heard()
}

func (p *pulse) heard() { p.last.Store(time.Now().UnixNano()) }
func (p *pulse) stall() { p.last.Store(0) }

var (
	errNoAnswer = errors.New("the broker does not answer")
	errNoAck    = errors.New("the broker does not acknowledge what it is sent")
)

// beat keeps the connection alive until the client ends, and ends it if the other end is not.
func (c *client) beat() {
	if c.pulse.every <= 0 {
		return
	}
	ticker := time.NewTicker(c.pulse.every / 4)
	defer ticker.Stop()
	for {
		select {
		case <-c.ctx.Done():
			return
		case now := <-ticker.C:
			if err := c.check(now); err != nil {
				c.fail(err)
				return
			}
		}
	}
}

// check sends a ping if one is due, and returns why the other end is not alive.
func (c *client) check(now time.Time) error {
	heard, stalled := c.pulse.last.Load(), false
	if heard == 0 {
		heard, stalled = now.UnixNano(), true
	}
	if sent, ok := c.flights.oldest(); ok && !stalled && now.Sub(sent) > patience {
		return errNoAck
	}
	due := now.Add(-c.pulse.every / 2).UnixNano()
	asked := c.pulse.pinged > heard
	if asked && c.pulse.pinged < now.Add(-c.pulse.every).UnixNano() {
		return errNoAnswer
	}
	// Protocol rule: the broker may end the connection if it hears nothing for one and a half times that long, also while what it
	// sends is not read.
	if c.out.last.Load() <= due || heard <= due && !asked {
		if !asked {
			c.pulse.pinged = now.UnixNano()
		}
		c.send(packet.AppendPing(nil))
	}
	return nil
}
