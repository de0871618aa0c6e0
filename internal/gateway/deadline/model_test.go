package deadline_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twinway/twinway/internal/gateway/deadline"
)

// model is the wheel as simple as it can be: a sorted list of what is pending.
type model struct {
	sync.Mutex // callbacks run on another goroutine
	testing.TB
	*deadline.Wheel
	random      *rand.Rand
	began       time.Time
	granularity time.Duration
	waits       []*wait
	list        []*wait // pending, by when it runs
	ran         int
}

// wait is a timer, and what is expected of it.
type wait struct {
	deadline.Timer
	id    int
	added int // how often
	// from is the first tick at which it may run. One that was added for the past
	// may run one later.
	from time.Duration
	past bool
}

func (m *model) elapsed() time.Duration { return time.Since(m.began) }

// enlist is Add of the model.
func (m *model) enlist(w *wait, at time.Duration) {
	m.delist(w)
	g := m.granularity
	w.past = at <= m.elapsed()
	w.from = (max(at, m.elapsed()) + g - 1) / g * g
	i, _ := slices.BinarySearchFunc(m.list, w, func(a, b *wait) int { return int(a.from - b.from) })
	m.list = slices.Insert(m.list, i, w)
}

// delist is Stop of the model.
func (m *model) delist(w *wait) bool {
	i := slices.Index(m.list, w)
	if i >= 0 {
		m.list = slices.Delete(m.list, i, i+1)
	}
	return i >= 0
}

// late is how much later than from a wait may run.
func (m *model) late(w *wait) time.Duration {
	if w.past {
		return m.granularity
	}
	return 0
}

// add and stop do the same to the wheel and the model.
func (m *model) add(w *wait) {
	at := m.elapsed() + m.distance()
	w.added++
	added := w.added
	if !m.Add(&w.Timer, m.began.Add(at), func() { m.run(w, added) }) {
		m.Errorf("%d was not added", w.id)
	}
	m.enlist(w, at)
}

func (m *model) stop(w *wait) {
	if got, want := w.Stop(), m.delist(w); got != want {
		m.Errorf("%v: stopping %d: %v, want %v", m.elapsed(), w.id, got, want)
	}
}

// run is the callback of all waits.
func (m *model) run(w *wait, added int) {
	m.Lock()
	defer m.Unlock()
	m.ran++
	now := m.elapsed()
	if added != w.added {
		m.Errorf("%v: %d ran for what it was moved from", now, w.id)
	}
	for _, first := range m.list {
		if first.from+m.late(first) >= w.from {
			break
		}
		m.Errorf("%v: %d of %v ran before %d of %v", now, w.id, w.from, first.id, first.from)
	}
	if !m.delist(w) {
		m.Errorf("%v: %d ran and is not pending", now, w.id)
	}
	if over := now - w.from; over > m.late(w) || over < 0 && !w.past {
		m.Errorf("%v: %d ran %v after %v", now, w.id, over, w.from)
	}
	switch m.random.IntN(8) {
	case 0:
		m.add(w)
	case 1:
		m.add(m.any())
	case 2:
		m.stop(m.any())
	}
}

// distance is any magnitude of time that there is, and the past.
func (m *model) distance() time.Duration {
	d := time.Duration(m.random.Int64N(int64(time.Millisecond) << m.random.IntN(34)))
	if m.random.IntN(10) == 0 {
		return -d
	}
	return d
}

func (m *model) any() *wait { return m.waits[m.random.IntN(len(m.waits))] }

// act does something to the wheel, which has nothing to do at the time: what is
// about to run could not be told from what is pending.
func (m *model) act() {
	synctest.Wait()
	m.Lock()
	defer m.Unlock()
	if m.random.IntN(3) == 0 {
		m.stop(m.any())
		return
	}
	m.add(m.any())
}

// rest lets time pass, and looks whether all has run that should have.
func (m *model) rest() {
	m.Lock()
	defer m.Unlock()
	d := m.distance()
	m.Unlock()
	time.Sleep(max(d, 0))
	synctest.Wait()
	m.Lock()
	if got := m.Len(); got != len(m.list) {
		m.Errorf("%v: %d are pending, want %d", m.elapsed(), got, len(m.list))
	}
	for _, w := range m.list {
		if w.from+m.late(w) <= m.elapsed() {
			m.Errorf("%v: %d of %v did not run", m.elapsed(), w.id, w.from)
		}
	}
}

// Whatever is done to the wheel, it does what a sorted list does.
func TestModel(t *testing.T) {
	for seed := range uint64(16) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 1))
				g := []time.Duration{ms, 7 * ms, 10 * ms, time.Second}[seed%4]
				m := &model{
					TB: t, random: rand.New(rand.NewPCG(seed, 5)), granularity: g, began: time.Now(),
					Wheel: deadline.New(deadline.Options{Granularity: g}),
				}
				for id := range 1 + random.IntN(300) {
					m.waits = append(m.waits, &wait{id: id})
				}
				for range 200 {
					for range random.IntN(20) {
						m.act()
					}
					m.rest()
				}
				if left := m.Close(); left != len(m.list) {
					t.Errorf("%d are pending at the end, want %d", left, len(m.list))
				}
				if m.ran < 100 {
					t.Errorf("only %d ran: the test shows nothing", m.ran)
				}
			})
		})
	}
}
