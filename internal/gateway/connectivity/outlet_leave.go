package connectivity

// leave takes out a parcel that has its outcome, and lets the one behind it go.
func (o *outlet) leave(p *parcel) {
	for p != nil {
		next, closed := o.left(p)
		if !closed {
			return
		}
		if next != nil {
			o.drop(next.signal, &next.arrival, errClosed)
		}
		p = next
	}
}

// left is leave for one parcel. It returns the one behind it, and whether that is to be dropped.
func (o *outlet) left(p *parcel) (next *parcel, closed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.leftQueue(&p.arrival)
	next = o.lanes.leave(p)
	if next != nil && !o.closed {
		o.prepare(next)
	}
	return next, o.closed
}

// settled takes out a signal that was never a parcel.
func (o *outlet) settled(a *arrival) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.leftQueue(a)
}

func (o *outlet) leftQueue(a *arrival) {
	o.queue.left(a)
	o.flow.Waiting(-1)
	o.emptied()
}

// abandon drops all that waits.
func (o *outlet) abandon() {
	o.mu.Lock()
	fresh, parcels := o.queue.take(), o.ready
	o.ready = nil
	for p, timer := range o.resting {
		if timer.Stop() {
			o.running.Done()
		}
		delete(o.resting, p)
		parcels = append(parcels, p)
	}
	o.mu.Unlock()
	for _, p := range parcels {
		o.drop(p.signal, &p.arrival, errClosed)
		o.leave(p)
	}
	for i := range fresh {
		o.dropFresh(&fresh[i])
	}
}
