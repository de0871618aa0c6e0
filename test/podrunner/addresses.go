package podrunner

import "errors"

// addresses of a block that are in use. The zero value is ready.
type addresses struct {
	used [256]bool
	last byte
}

// take returns a free number from 2 to 254, and one that was not free a moment
// ago as late as possible: who still talks to the last pod must not reach the
// next.
func (a *addresses) take() (byte, error) {
	for range 253 {
		a.last++
		if a.last < 2 || a.last > 254 {
			a.last = 2
		}
		if !a.used[a.last] {
			a.used[a.last] = true
			return a.last, nil
		}
	}
	return 0, errors.New("all 253 addresses are in use")
}

// release gives one back; 0 is none.
func (a *addresses) release(host byte) { a.used[host] = false }
