package pki

import "time"

// Advance returns the authority as it is to be from now on, and whether that is
// another one than a. Who was not called for long gets there in one call, with
// as much overlap as the time that is left allows. It fails only if no key can
// be made.
func (a *Authority) Advance(now time.Time) (next *Authority, changed bool, err error) {
	advanced := *a
	advanced.forget(now)
	if err := advanced.promote(now); err != nil {
		return nil, false, err
	}
	if err := advanced.publish(now); err != nil {
		return nil, false, err
	}
	if advanced == *a {
		return a, false, nil
	}
	return &advanced, true, nil
}

// forget drops roots that verify nothing any more.
func (a *Authority) forget(now time.Time) {
	if !a.previous.usable(now) {
		a.previous = nil
	}
	if !a.next.usable(now) {
		a.next = nil
	}
}

// promote puts another root in use if it is time, or at once if the one in use
// has become useless.
func (a *Authority) promote(now time.Time) error {
	if a.current.usable(now) {
		if a.next != nil && !now.Before(a.current.takesOver(a.next)) {
			a.current, a.next, a.previous = a.next, nil, a.current.retired()
		}
		return nil
	}
	if a.next == nil {
		made, err := newRoot(now)
		if err != nil {
			return err
		}
		a.next = made
	}
	a.current, a.next = a.next, nil
	return nil
}

// publish makes the successor of the root in use if it is time.
func (a *Authority) publish(now time.Time) error {
	if a.next != nil || now.Before(a.current.publishes()) {
		return nil
	}
	made, err := newRoot(now)
	if err != nil {
		return err
	}
	a.next = made
	return nil
}
