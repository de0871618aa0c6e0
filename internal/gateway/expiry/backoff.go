package expiry

import "time"

// How long it takes until something is tried again.
const (
	firstBackoff = time.Second
	// maxBackoff is for announcements.
	maxBackoff = time.Hour
	// maxWorkBackoff is for what has to be done whether or not somebody answers.
	maxWorkBackoff = time.Minute
)

// longer returns how long to wait after one has waited in vain; zero: not yet.
//
// Protocol rule: the wait grows by a random factor of 1.5 to 2.
func (c *Custodian) longer(wait, limit time.Duration) time.Duration {
	if wait <= 0 {
		return firstBackoff
	}
	factor := 1.5 + c.random()/2
	return min(time.Duration(float64(wait)*factor), limit)
}
