package controllers

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// paceBurst is how many things may happen at once because of one object; those
// after that follow each other in paceInterval. What a pod says, and how often, is
// in the hands of whoever runs it, and must not drive the API server.
const (
	paceBurst    = 10
	paceInterval = time.Second
)

// pace says when the next thing may happen because of one object.
type pace struct {
	tokens float64   // of paceBurst, as of at
	at     time.Time // zero: nothing has happened yet
	due    time.Time // when the last that had to wait may happen
}

// wait returns how long to wait. Everything that has to wait for the same time is
// one thing.
func (p *pace) wait(now time.Time) time.Duration {
	if now.Before(p.due) {
		return p.due.Sub(now)
	}
	p.tokens, p.at = p.left(now)-1, now
	if p.tokens >= 0 {
		return 0
	}
	wait := time.Duration(-p.tokens * float64(paceInterval))
	p.due = now.Add(wait)
	return wait
}

// take says whether something may happen now. If not, it is as if it was not asked
// for.
func (p *pace) take(now time.Time) bool {
	left := p.left(now)
	if left < 1 {
		return false
	}
	p.tokens, p.at = left-1, now
	return true
}

func (p *pace) left(now time.Time) float64 {
	if p.at.IsZero() {
		return paceBurst
	}
	return min(paceBurst, p.tokens+float64(now.Sub(p.at))/float64(paceInterval))
}

// paces are those of many objects. One that has rested long enough is forgotten,
// for it is as good as new.
type paces struct {
	now func() time.Time

	mu      sync.Mutex
	objects map[pacedObject]*pace
	sweep   int // at how many to look for those to forget
}

type pacedObject struct {
	kind string
	types.NamespacedName
}

// minSweep is how many paces are kept without looking whether they are needed.
const minSweep = 1024

func newPaces() *paces {
	return &paces{now: time.Now, objects: map[pacedObject]*pace{}, sweep: minSweep}
}

func (p *paces) take(object pacedObject) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.objects[object] == nil {
		p.forgetRested(now)
		p.objects[object] = &pace{}
	}
	return p.objects[object].take(now)
}

func (p *paces) forgetRested(now time.Time) {
	if len(p.objects) < p.sweep {
		return
	}
	for object, pace := range p.objects {
		if pace.left(now) >= paceBurst {
			delete(p.objects, object)
		}
	}
	p.sweep = max(minSweep, 2*len(p.objects))
}
