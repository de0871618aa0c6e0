package bench

import (
	"context"
	"time"
)

// keepTime sends operations at their times, whatever has been answered by then, and returns when all have their outcome.
func (d *driver) keepTime(ctx context.Context) {
	window, gone, done := make(chan struct{}, d.run.load.Window), make(chan struct{}), make(chan struct{})
	d.run.receiving.Go(func() {
		defer close(gone)
		d.receive(window, done)
	})
	d.sendOnTime(ctx, window, gone)
	close(done)
	if d.pending() > 0 {
		<-gone
	} // else the receiver waits for nothing, and ends with the lane
}

// sendOnTime sends every operation whose time comes before the run ends. One for which there is no place when its time has come is late,
// and that counts; one for which there is none until the end was not sent in time, and one that comes when the lane has broken counts as
// well: what is due does not get less by it.
func (d *driver) sendOnTime(ctx context.Context, window chan<- struct{}, gone <-chan struct{}) {
	for op := 0; !d.beyond(op); op++ {
		due := d.run.due(op, d.number)
		if !await(ctx, due, d.run.deadline) {
			return
		}
		switch place(ctx, window, gone) {
		case lanePlace:
			d.send(Op{Number: op, Due: due})
		case laneFull:
			d.unsent(due, notInTime)
		case laneGone:
			d.unsent(due, notSent)
		}
	}
}

// due returns the time of an operation of a lane.
func (r *run) due(op, lane int) time.Time {
	nth := float64(op*len(r.drivers) + lane)
	return r.start.Add(time.Duration(nth / r.load.Rate * float64(time.Second)))
}

// await waits until a time, which may have passed, and reports whether it comes before the deadline and the end of ctx.
func await(ctx context.Context, due, deadline time.Time) bool {
	if !due.Before(deadline) {
		return false
	}
	wait := time.Until(due)
	if wait <= 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Whether another operation may be under way.
const (
	lanePlace = iota // it may
	laneFull         // not until the end
	laneGone         // the lane is of no use any more
)

// place waits for a place in the window; when ctx has ended it takes one only if there is one.
func place(ctx context.Context, window chan<- struct{}, gone <-chan struct{}) int {
	select {
	case window <- struct{}{}:
		return lanePlace
	default:
	}
	select {
	case window <- struct{}{}:
		return lanePlace
	case <-gone:
		return laneGone
	case <-ctx.Done():
		return laneFull
	}
}

// receive takes outcomes until the lane ends, or all are there once nothing more is sent.
func (d *driver) receive(window <-chan struct{}, done <-chan struct{}) {
	for {
		o, err := d.lane.Receive()
		now := time.Now()
		if err != nil {
			d.fail(err)
			return
		}
		if d.settle(o, now) {
			<-window
		}
		select {
		case <-done:
			if d.pending() == 0 {
				return
			}
		default:
		}
	}
}

func (d *driver) pending() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.begun)
}
