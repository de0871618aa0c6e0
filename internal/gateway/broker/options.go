package broker

import "time"

// Defaults of Options.
const (
	DefaultMaxWaits     = 1_000_000
	DefaultMaxWaitsEach = 10_000
	DefaultMaxDuesEach  = 10_000
	// Whoever waits with a party for each request has a connection for each, too.
	DefaultMaxWaitsTogether = 2_000

	DefaultMaxBytes     = 1 << 30
	DefaultMaxBytesEach = 64 << 20
)

// Options of a Broker.
type Options struct {
	// Declared reports whether somebody who is connected has declared the label of an acknowledgement. Nil: nobody has.
	Declared func(label string) bool
	// MaxWaits bounds the waits of all parties, MaxWaitsEach those of one party, and MaxDuesEach what one party was given
	// and can answer to. 0 or less: the defaults.
	MaxWaits, MaxWaitsEach, MaxDuesEach int
	// MaxWaitsTogether bounds the waits of all parties of one who has several, see NewPartyOf. 0 or less: the default.
	MaxWaitsTogether int
	// MaxBytes bounds what is kept for waits, together, and MaxBytesEach what is kept for those of one party, or of all of one who
	// has several: what their owners keep, see Terms.Size, and acknowledgements while others are missing. Of one for which there is
	// no room, the requester is told that it is too large. 0 or less: the defaults.
	MaxBytes, MaxBytesEach int
	// Clock tells the time. Nil: time.Now.
	Clock func() time.Time
	// Hooks are told what happens. Nil: nobody is.
	Hooks Hooks
}

func (o Options) withDefaults() Options {
	if o.Declared == nil {
		o.Declared = func(string) bool { return false }
	}
	if o.Hooks == nil {
		o.Hooks = deaf{}
	}
	o.MaxWaits = orDefault(o.MaxWaits, DefaultMaxWaits)
	o.MaxWaitsEach = orDefault(o.MaxWaitsEach, DefaultMaxWaitsEach)
	o.MaxDuesEach = orDefault(o.MaxDuesEach, DefaultMaxDuesEach)
	o.MaxWaitsTogether = orDefault(o.MaxWaitsTogether, DefaultMaxWaitsTogether)
	o.MaxBytes = orDefault(o.MaxBytes, DefaultMaxBytes)
	o.MaxBytesEach = orDefault(o.MaxBytesEach, DefaultMaxBytesEach)
	return o
}

func orDefault(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}
