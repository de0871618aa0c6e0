package expiry

import "time"

// Defaults of settings and options that are zero.
const (
	defaultGracePeriod    = 4 * time.Hour
	defaultAttemptTimeout = time.Minute
	defaultMaxTracked     = 100_000
	defaultMaxWaiting     = 10_000
	defaultWorkers        = 32
)

// Settings may change while a Custodian runs.
type Settings struct {
	// GracePeriod is for how long after a subject's expiry or deletion its
	// announcement is repeated. An expired subject that has not acknowledged it
	// is removed thereafter. Zero: 4 hours.
	GracePeriod time.Duration
	// AttemptTimeout is the longest that one announcement waits for its
	// acknowledgements, in whole milliseconds, and how long one waits that does
	// not say. Zero: a minute.
	AttemptTimeout time.Duration
}

func (s Settings) withDefaults() *Settings {
	if s.GracePeriod <= 0 {
		s.GracePeriod = defaultGracePeriod
	}
	if s.AttemptTimeout <= 0 {
		s.AttemptTimeout = defaultAttemptTimeout
	}
	return &s
}

// attempt returns how long an attempt waits whose policy asks for a timeout,
// which is zero if it does not.
func (s *Settings) attempt(asked time.Duration) time.Duration {
	if asked <= 0 {
		return s.AttemptTimeout
	}
	return min(asked, s.AttemptTimeout)
}
