package bench

import (
	"context"
	"strings"
	"sync"
	"time"
)

// driver sends the operations of one lane, and takes their outcomes.
type driver struct {
	run    *run
	lane   Lane
	number int
	*recorder

	mu     sync.Mutex
	begun  map[int]time.Time // from when on an operation under way counts
	ended  bool              // nothing more is received
	broken error             // why, if time was not over
}

func newDriver(r *run, lane Lane, number int) *driver {
	return &driver{
		run: r, lane: lane, number: number, recorder: r.recorders[number%len(r.recorders)], begun: map[int]time.Time{},
	}
}

// drive sends operations until time is over, and returns when all have their outcome or the lane is closed.
func (d *driver) drive(ctx context.Context) {
	if d.run.load.Rate > 0 {
		d.keepTime(ctx)
		return
	}
	d.hurry()
}

// hurry has as many operations under way as may be. It is one goroutine that sends and receives, so that what answers several
// operations at once leads to one write for those that follow them.
func (d *driver) hurry() {
	now := time.Now()
	for op, flying := 0, 0; ; flying-- {
		for ; flying < d.run.load.Window && d.more(op); op, flying = op+1, flying+1 {
			if !d.send(Op{Number: op, Due: now, Later: true}) {
				return
			}
		}
		if flying == 0 {
			return
		}
		o, err := d.lane.Receive()
		now = time.Now()
		if err != nil {
			d.fail(err)
			return
		}
		for !d.settle(o, now) { // it was none of ours, so as many are under way as before
			if o, err = d.lane.Receive(); err != nil {
				d.fail(err)
				return
			}
			now = time.Now()
		}
	}
}

// more reports whether an operation is to be sent.
func (d *driver) more(op int) bool {
	return !d.run.stopped.Load() && !d.beyond(op)
}

// beyond reports whether there are fewer operations.
func (d *driver) beyond(op int) bool {
	return d.run.load.Operations > 0 && op*len(d.run.drivers)+d.number >= d.run.load.Operations
}

// send begins an operation, and reports false when the lane is of no use any more.
func (d *driver) send(op Op) bool {
	op.Counts = !op.Due.Before(d.run.from)
	if !d.begin(op) {
		d.unsent(op.Due, notSent)
		return false
	}
	if err := d.lane.Send(op); err != nil {
		d.fail(err)
		return false
	}
	return true
}

// begin notes an operation as under way, unless the lane is broken.
func (d *driver) begin(op Op) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		return false
	}
	d.begun[op.Number] = op.Due
	return true
}

// unsent counts an operation that was due and could not be begun.
func (d *driver) unsent(due time.Time, why string) {
	if !due.Before(d.run.from) {
		d.recorder.fail(why, 1)
	}
}

// oldest returns when the first of the operations under way was due; now, if there is none.
func (d *driver) oldest() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	first := time.Now()
	for _, due := range d.begun {
		if due.Before(first) {
			first = due
		}
	}
	return first
}

// settle counts an outcome, and reports whether it is that of an operation under way.
func (d *driver) settle(o Outcome, now time.Time) bool {
	d.mu.Lock()
	due, under := d.begun[o.Op]
	delete(d.begun, o.Op)
	d.mu.Unlock()
	switch {
	case !under:
		d.recorder.fail(strings.TrimSpace(unasked+" "+o.Failure), 1)
	case due.Before(d.run.from):
	case o.Failure != "":
		d.recorder.fail(o.Failure, 1)
	default:
		d.recorder.succeed(now.Sub(due), now)
	}
	return under
}

// fail ends the lane. What is under way is lost.
func (d *driver) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		return
	}
	d.ended = true
	if !d.run.over.Load() {
		d.broken = err
		d.run.lose()
	}
	for _, due := range d.begun {
		if !due.Before(d.run.from) {
			d.recorder.fail(lost, 1)
		}
	}
	clear(d.begun)
}
