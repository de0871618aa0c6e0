package kafka

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// Bounds of what the library reads ahead, in bytes: for each broker, and for each partition. It reads on when what it has was polled.
const (
	maxFetch          = 4 << 20
	maxFetchPartition = 1 << 20
)

// maxPoll is how many messages are polled at once.
const maxPoll = 256

// consumer is a member of the consumer group.
type consumer struct {
	library *kgo.Client
	topics  topics
	strikes *strikes
	times   times
	config  link.Config
	lose    func(error)
	dirty   chan struct{} // capacity 1: something can be committed

	ctx    context.Context //nolint:containedctx // until it is told to stop
	cancel context.CancelFunc
	done   sync.WaitGroup

	committing sync.Mutex // held while committing; before mu
	mu         sync.Mutex
	partitions map[place]*partition
	paused     []*partition       // the library was told not to read on; some may be gone
	stirred    bool               // the poll is to return
	wake       context.CancelFunc // makes it return; nil when there is none
	deaf       bool               // nothing is committed any more
}

// place is where a partition is found.
type place struct {
	topic  string
	number int32
}

// newConsumer returns a consumer that joins the group.
func newConsumer(c *client, topics topics, strikes *strikes) (*consumer, error) {
	con := &consumer{
		topics: topics, strikes: strikes, times: c.times, config: c.config, lose: c.lose,
		dirty: make(chan struct{}, 1), partitions: map[place]*partition{},
	}
	con.ctx, con.cancel = context.WithCancel(context.Background())
	library, err := kgo.NewClient(append(common(c.times, c.config),
		kgo.ConsumerGroup(c.config.Connection.Kafka.GroupID),
		kgo.SessionTimeout(c.times.session),
		kgo.HeartbeatInterval(c.times.session/4),
		kgo.ConsumeTopics(topics.names()...),
		kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxBytes(maxFetch),
		kgo.FetchMaxPartitionBytes(maxFetchPartition),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(con.assigned),
		kgo.OnPartitionsRevoked(con.revoked),
		kgo.OnPartitionsLost(con.lost),
	)...)
	if err != nil {
		con.cancel()
		return nil, err
	}
	con.library = library
	return con, nil
}

// start lets it consume.
func (c *consumer) start() {
	c.done.Go(c.run)
	c.done.Go(c.commitAll)
}

// stop ends consuming, and returns when it has ended.
func (c *consumer) stop() {
	c.cancel()
	c.done.Wait()
}

// close commits what can be, leaves the group as long as ctx allows, and releases everything.
func (c *consumer) close(ctx context.Context) {
	if ctx.Err() == nil {
		if err := c.commit(ctx, nil); err != nil {
			c.config.Logger.Warn("the last commit has failed", "cause", failure(err))
		}
	}
	c.mu.Lock()
	c.deaf = true
	c.mu.Unlock()
	c.library.AllowRebalance()
	_ = c.library.LeaveGroupContext(ctx) // the brokers find out by themselves
	c.library.CloseAllowingRebalance()
}

// run polls and hands over.
func (c *consumer) run() {
	for c.ctx.Err() == nil {
		fetches := c.poll()
		// Until rebalances are allowed the partitions are those that the messages came from.
		batch := c.sort(fetches)
		c.readAgain()
		c.resume()
		c.library.AllowRebalance()
		if err := c.failed(fetches); err != nil {
			c.lose(err)
			return
		}
		c.commitAhead(batch)
		if !c.handOver(batch) {
			return
		}
	}
}

// poll waits for messages, or until something else is to be done between two polls.
func (c *consumer) poll() kgo.Fetches {
	ctx, wake := context.WithCancel(c.ctx)
	defer wake()
	c.mu.Lock()
	c.wake = wake
	if c.stirred {
		wake()
	}
	c.stirred = false
	c.mu.Unlock()
	fetches := c.library.PollRecords(ctx, maxPoll)
	c.mu.Lock()
	c.wake = nil
	c.mu.Unlock()
	return fetches
}

// stir makes the poll return. The lock is held.
func (c *consumer) stir() {
	c.stirred = true
	if c.wake != nil {
		c.wake()
	}
}

// piece is what was polled of one partition.
type piece struct {
	partition *partition
	records   []*kgo.Record
}

// sort returns what was polled by partition, without what is going to be read again.
func (c *consumer) sort(fetches kgo.Fetches) []piece {
	c.mu.Lock()
	defer c.mu.Unlock()
	var batch []piece
	fetches.EachPartition(func(f kgo.FetchTopicPartition) {
		p := c.partitions[place{f.Topic, f.Partition}]
		if p != nil && p.takes() && len(f.Records) > 0 {
			batch = append(batch, piece{p, f.Records})
		}
	})
	return batch
}

// failed returns the first error that ends the client.
func (c *consumer) failed(fetches kgo.Fetches) error {
	for _, f := range fetches.Errors() {
		switch {
		case c.ctx.Err() != nil, errors.Is(f.Err, context.Canceled), errors.Is(f.Err, kgo.ErrClientClosed):
		case fatal(f.Err):
			return failure(f.Err)
		default:
			c.config.Logger.Warn("consuming is disturbed", "topic", f.Topic, "partition", f.Partition, "cause", f.Err)
		}
	}
	return nil
}

// settlement returns what is to be called with what became of a message.
func (c *consumer) settlement(p *partition, t *taken) func(link.Settlement) {
	return func(s link.Settlement) { c.settle(p, t, s) }
}

// settle notes what became of a message, and sees to what follows from that.
func (c *consumer) settle(p *partition, t *taken, s link.Settlement) {
	at := position{p.topic, p.number, t.offset}
	c.mu.Lock()
	defer c.mu.Unlock()
	stalled := p.stalled
	if !p.settle(t, s) {
		return
	}
	if s != link.Redeliver {
		c.strikes.forget(at)
	} else if count := c.strikes.add(at); !stalled {
		c.delay(p, count)
	}
	if p.ripe() {
		c.stir()
	}
	if p.done != p.committed {
		c.soil()
	}
}

// soil says that something can be committed.
func (c *consumer) soil() {
	select {
	case c.dirty <- struct{}{}:
	default:
	}
}

// delay lets the partition be read again after a while, the longer the more often that was so. The lock is held.
func (c *consumer) delay(p *partition, count int) {
	wait := c.times.longest
	if count < 16 {
		wait = min(wait, c.times.again<<(count-1))
	}
	wait = wait/2 + rand.N(wait/2+1) //nolint:gosec // no secret
	c.stir()
	time.AfterFunc(wait, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		p.due = true
		if p.ripe() {
			c.stir()
		}
	})
}

// readAgain has the library read again what is to come again, and not read on where that is to be soon. No rebalance can happen.
func (c *consumer) readAgain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	back := map[string]map[int32]kgo.EpochOffset{}
	var on []*partition
	for _, p := range c.partitions {
		switch {
		case p.ripe():
			if back[p.topic] == nil {
				back[p.topic] = map[int32]kgo.EpochOffset{}
			}
			back[p.topic][p.number] = kgo.EpochOffset{Epoch: -1, Offset: p.rewind()}
			on = append(on, p)
		case p.stalled && !p.paused:
			p.paused = true
			c.paused = append(c.paused, p)
			c.library.PauseFetchPartitions(map[string][]int32{p.topic: {p.number}})
		}
	}
	c.library.SetOffsets(back)
	for _, p := range on {
		p.paused = false
	}
}

// resume has the library read on where it no longer has a reason not to. No rebalance can happen.
func (c *consumer) resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	still := c.paused[:0]
	for _, p := range c.paused {
		now := c.partitions[place{p.topic, p.number}]
		if p.paused && now == p {
			still = append(still, p)
			continue
		}
		if now == nil || !now.paused {
			c.library.ResumeFetchPartitions(map[string][]int32{p.topic: {p.number}})
		}
	}
	clear(c.paused[len(still):])
	c.paused = still
}
