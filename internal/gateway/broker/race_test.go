package broker

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// outcome is a wait and how often its owner was told.
type outcome struct {
	party *Party
	done  atomic.Int32
}

// crowd is sessions that come and go.
type crowd struct {
	*world
	mu       sync.Mutex
	members  []*member
	outcomes []*outcome
	refusals int
}

var crowdLabels = []string{"a-a", "b-b", "c-c"}

// some returns a few of the members, each once.
func (c *crowd) some(random *rand.Rand) (some []*member) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, i := range random.Perm(len(c.members))[:3] {
		some = append(some, c.members[i])
	}
	return some
}

// replace ends a member, in whose place there is another.
func (c *crowd) replace(random *rand.Rand) {
	m := c.member(crowdLabels...)
	c.mu.Lock()
	i := random.IntN(len(c.members))
	old := c.members[i]
	c.members[i] = m
	c.mu.Unlock()
	old.party.End()
}

// ask has a member ask and gives the signal to others, who answer at the same time.
func (c *crowd) ask(random *rand.Rand) {
	to := c.some(random)
	o := &outcome{party: to[0].party}
	labels := [][]string{nil, {"a-a"}, {"b-b", "a-a"}, {"c-c", "d-d"}}[random.IntN(4)]
	t := terms(random.IntN(3) > 0, fmt.Sprint(random.IntN(5)), labels...)
	t.Plan.Wait = time.Duration(random.IntN(30)) * time.Millisecond
	t.Done = func(ack.Result, any) { o.done.Add(1) }
	w, err := c.Open(o.party, t)
	c.note(o, err == nil)
	if err != nil {
		return
	}
	var answers sync.WaitGroup
	for _, s := range to[1:] {
		d := w.Give(s, w.Asked(s.Audience()))
		seed := random.Uint64()
		answers.Go(func() { c.answer(s, t.Channel, d, rand.New(rand.NewPCG(seed, 1))) })
	}
	if random.IntN(9) == 0 {
		w.Fail(protocol.ErrInternal())
	}
	w.Given()
	answers.Wait()
}

func (c *crowd) note(o *outcome, opened bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if opened {
		c.outcomes = append(c.outcomes, o)
	} else {
		c.refusals++
	}
}

func (c *crowd) answer(m *member, channel protocol.Channel, d pubsub.Delivery, random *rand.Rand) {
	if random.IntN(4) == 0 {
		time.Sleep(time.Duration(random.IntN(30)) * time.Millisecond)
	}
	for _, label := range d.Acks {
		if random.IntN(3) > 0 {
			if err := c.acknowledge(m, channel, thing, label, d.CorrelationID, 200); err != nil {
				c.Error(err)
			}
		}
	}
	w := c.Find(m.party, d.CorrelationID)
	switch {
	case w == nil:
	case random.IntN(4) == 0:
		w.Mismatch("It is odd.")
	default:
		w.Respond(response(200), "yes")
	}
}

// TestCrowd has sessions ask and answer each other at the same time, while they come and go and time passes. In the end every
// wait has ended in one way, and its owner was told once, or never if it was gone; and no book has anything left.
func TestCrowd(t *testing.T) {
	steps := 2000
	if testing.Short() {
		steps = 200
	}
	synctest.Test(t, func(t *testing.T) {
		o := Options{MaxWaitsEach: 30, MaxDuesEach: 20, MaxWaits: 200}
		c := &crowd{world: newWorld(t, o, crowdLabels...)}
		for range 8 {
			c.members = append(c.members, c.member(crowdLabels...))
		}
		var workers sync.WaitGroup
		for seed := range uint64(8) {
			workers.Go(func() {
				random := rand.New(rand.NewPCG(seed, 7))
				for range steps {
					switch random.IntN(20) {
					case 0:
						c.replace(random)
					case 1:
						time.Sleep(time.Duration(random.IntN(5)) * time.Millisecond)
					default:
						c.ask(random)
					}
				}
			})
		}
		workers.Wait()
		time.Sleep(time.Minute)
		synctest.Wait()
		c.empty()
		c.verifyOutcomes(8 * steps / 2)
	})
}

func (c *crowd) verifyOutcomes(atLeast int) {
	silent := 0
	for _, o := range c.outcomes {
		switch n := o.done.Load(); {
		case n == 0 && o.party.ended:
			silent++
		case n != 1:
			c.Errorf("an owner was told %d times, ended %v", n, o.party.ended)
		}
	}
	ended := 0
	for _, n := range c.ends {
		ended += n
	}
	if silent != c.ends[Abandoned] || c.refusals != c.ends[Refused] || ended != len(c.outcomes)+c.refusals || ended < atLeast {
		c.Errorf("%d opened, %d refused, %d not told are counted as %v", len(c.outcomes), c.refusals, silent, c.ends)
	}
	for _, e := range []End{Answered, TimedOut, Failed, Abandoned} {
		if c.ends[e] == 0 {
			c.Errorf("no wait was %s", e)
		}
	}
}

// TestEndAgainstOpen has a party end while it asks and is asked, again and again.
func TestEndAgainstOpen(t *testing.T) {
	w := newWorld(t, Options{}, "my:ack")
	other := w.member("my:ack")
	for range 1000 {
		m := w.member("my:ack")
		var both sync.WaitGroup
		both.Go(func() {
			if wait, err := w.Open(m.party, terms(true, "c", "my:ack")); err == nil {
				wait.Give(other, wait.Asked(other.Audience()))
			}
		})
		both.Go(func() {
			wait, err := w.Open(other.party, terms(true, "c", "my:ack"))
			if err != nil {
				t.Error(err)
				return
			}
			wait.Give(m, wait.Asked(m.Audience()))
			wait.Fail(protocol.ErrInternal())
		})
		both.Go(m.party.End)
		both.Wait()
		w.empty()
	}
}

// TestEndHalfwayIn has a party end while its wait is in some books and not yet in others: it cannot get into the others later.
func TestEndHalfwayIn(t *testing.T) {
	w := newWorld(t, Options{})
	for range 20 {
		m := w.member()
		s := w.live.stripe("c")
		s.mu.Lock()
		var both sync.WaitGroup
		both.Go(func() { _, _ = w.Open(m.party, terms(true, "c")) })
		both.Go(func() {
			time.Sleep(time.Millisecond) // so that it is more likely to be halfway in
			m.party.End()
		})
		time.Sleep(2 * time.Millisecond)
		s.mu.Unlock()
		both.Wait()
		w.empty()
	}
}

// TestCloseAgainstOpen closes the broker while somebody asks.
func TestCloseAgainstOpen(t *testing.T) {
	for range 200 {
		w := newWorld(t, Options{})
		m := w.member()
		var both sync.WaitGroup
		both.Go(func() { _, _ = w.Open(m.party, terms(true, "c")) })
		both.Go(func() { _, _ = w.Open(w.member().party, terms(true, "c")) })
		both.Go(w.Close)
		both.Wait()
		w.empty()
	}
}
