package dittows

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// life is what is known about whether the other end is still there.
type life struct {
	// reading says that the socket is being read: otherwise it may well have sent something.
	reading atomic.Bool
	// signs is how often something came, and last is when that was or a ping was sent, in Unix nanoseconds.
	signs atomic.Uint64
	last  atomic.Int64
	// pinging says that a ping is not answered.
	pinging atomic.Bool
}

// heard notes that something came.
func (c *client) heard() {
	c.life.signs.Add(1)
	c.life.last.Store(c.clock().UnixNano())
}

// watch does what depends on the time.
func (c *client) watch() {
	c.life.last.Store(c.clock().UnixNano())
	ticker := time.NewTicker(c.settings.tick)
	defer ticker.Stop()
	for {
		select {
		case <-c.Lost():
			return
		case <-ticker.C:
			now := c.clock()
			c.awaited.expire(now, errNoAnswer)
			if now.Sub(time.Unix(0, c.life.last.Load())) >= c.settings.idle && c.life.pinging.CompareAndSwap(false, true) {
				c.life.last.Store(now.UnixNano())
				c.all.Go(c.ping)
			}
		}
	}
}

// errSilent says that the other end is gone without a word.
var errSilent = errors.New("the other end no longer answers")

// ping asks for a sign of life. Without one the client is lost, unless the socket was not read all the time: then the ping has told the other
// end that this one is alive, and that is all.
func (c *client) ping() {
	defer c.life.pinging.Store(false)
	before := c.life.signs.Load()
	reading := c.life.reading.Load()
	ctx, cancel := context.WithTimeout(c.ctx, c.settings.patience)
	defer cancel()
	err := c.ws.Ping(ctx)
	if err != nil && reading && c.life.reading.Load() && c.life.signs.Load() == before {
		c.lose(errSilent)
	}
}
