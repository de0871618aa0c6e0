package deadline

import "time"

// Bounds and defaults of Options.
const (
	DefaultGranularity = 10 * time.Millisecond
	MinGranularity     = time.Millisecond
	MaxGranularity     = time.Second

	DefaultCapacity = 1_000_000
)

// Options of a Wheel. The zero value is good.
type Options struct {
	// Granularity is how late a callback may be, and how often the goroutine wakes
	// up at most. Zero: DefaultGranularity. It is brought to between
	// MinGranularity and MaxGranularity.
	Granularity time.Duration
	// Capacity is how many timers may be pending. Zero or less: DefaultCapacity.
	Capacity int
	// Clock tells the time, and goes as fast as that of package time, by which the
	// goroutine sleeps. While it is before what it has been, nothing runs. It is
	// not read by Add and Stop. Nil: time.Now.
	Clock func() time.Time
}

func (o Options) withDefaults() Options {
	if o.Granularity == 0 {
		o.Granularity = DefaultGranularity
	}
	o.Granularity = min(max(o.Granularity, MinGranularity), MaxGranularity)
	if o.Capacity <= 0 {
		o.Capacity = DefaultCapacity
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}
