package rest

import "sync"

// departure is the gateway being taken out of service.
type departure struct {
	mu    sync.Mutex
	gone  bool
	begun chan struct{} // is closed when it begins; nil until somebody wants to know
}

// begin begins a departure, once.
func (d *departure) begin() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone {
		return
	}
	d.gone = true
	if d.begun == nil {
		d.begun = make(chan struct{})
	}
	close(d.begun)
}

// end ends it.
func (d *departure) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone {
		d.gone, d.begun = false, nil
	}
}

// channel returns a channel that is closed when a departure begins, or has begun.
func (d *departure) channel() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.begun == nil {
		d.begun = make(chan struct{})
	}
	return d.begun
}
