package snapshot

import (
	"fmt"
	"slices"
	"time"
)

// problem says which value no gateway can run by, or returns the empty string.
// It holds nothing against a snapshot that Compile makes, and is no substitute
// for what Compile checks: it is there so that a wrong number ends no process.
func (s *Snapshot) problem() string {
	for _, problem := range [...]func() string{
		s.gatewayProblem, s.searchProblem, s.httpProblem, s.authenticationProblem, s.policiesProblem, s.limitsProblem, s.timeProblem, s.linksProblem,
	} {
		if p := problem(); p != "" {
			return p
		}
	}
	return ""
}

// bound is a number or a duration with its bounds, both included.
type bound struct {
	path             string
	value, low, high int64
}

func within[T ~int | ~int64](path string, value, low, high T) bound {
	return bound{path, int64(value), int64(low), int64(high)}
}

func outOfBounds(bounds ...bound) string {
	for _, b := range bounds {
		if b.value < b.low || b.value > b.high {
			return fmt.Sprintf("%s must be between %d and %d, and is %d", b.path, b.low, b.high, b.value)
		}
	}
	return ""
}

// unknown says that a choice is none of those that there are.
func unknown[T ~string](path string, value T, known ...T) string {
	if slices.Contains(known, value) {
		return ""
	}
	return fmt.Sprintf("%s is none of %v", path, known)
}

// first returns the first problem that is one.
func first(problems ...string) string {
	for _, p := range problems {
		if p != "" {
			return p
		}
	}
	return ""
}

func (s *Snapshot) gatewayProblem() string {
	if s.Gateway.Namespace == "" || s.Gateway.Name == "" {
		return "gateway has no name"
	}
	if tls := s.Listener.TLS; tls != nil && (tls.Certificate == "" || tls.Key == "") {
		return "listener.tls has no certificate or no key"
	}
	return first(
		unknown("storage.type", s.Storage.Type, StorageEmbedded),
		outOfBounds(
			within("listener.port", s.Listener.Port, 1, 65_535),
			within("storage.cacheSize", s.Storage.CacheSize, 1<<20, 64<<30),
			within("storage.history.maxRecords", s.Storage.History.MaxRecords, 1, 100_000),
			within("storage.history.maxAge", s.Storage.History.MaxAge, 0, 87_600*time.Hour),
		),
	)
}

func (s *Snapshot) authenticationProblem() string {
	a := s.Authentication
	if a.Basic == nil && len(a.OIDC) == 0 && a.PreAuthenticated == nil {
		return "authentication has no method"
	}
	if pre := a.PreAuthenticated; pre != nil {
		if p := unknown("authentication.preAuthenticated.source", pre.Source, PreAuthenticationHeader, PreAuthenticationHeaderOrQuery); p != "" {
			return p
		}
	}
	return outOfBounds(within("authentication.clockSkew", a.ClockSkew, 0, 5*time.Minute))
}

func (s *Snapshot) policiesProblem() string {
	const day = 24 * time.Hour
	p := s.Policies
	return first(
		unknown("policies.lockoutPrevention", p.LockoutPrevention, Enabled, Disabled),
		outOfBounds(
			within("policies.subjectExpiryGranularity", p.SubjectExpiryGranularity, time.Second, day),
			within("policies.announcements.granularity", p.Announcements.Granularity, time.Second, day),
			within("policies.announcements.gracePeriod", p.Announcements.GracePeriod, 0, 7*day),
			within("policies.announcements.timeout", p.Announcements.Timeout, time.Second, time.Minute),
		),
	)
}

func (s *Snapshot) limitsProblem() string {
	l := s.Limits
	return first(
		unknown("limits.sessions.overflow", l.Sessions.Overflow, OverflowClose, OverflowDropNewest),
		outOfBounds(
			within("limits.message.maxSize", l.Message.MaxSize, 1<<10, 64<<20),
			within("limits.thing.maxSize", l.Thing.MaxSize, 1024, 4_194_304),
			within("limits.policy.maxSize", l.Policy.MaxSize, 1024, 4_194_304),
			within("limits.policy.maxImports", l.Policy.MaxImports, 0, 64),
			within("limits.sessions.max", l.Sessions.Max, 1, 1_000_000),
			within("limits.sessions.inFlightCommands", l.Sessions.InFlightCommands, 1, 65_536),
			within("limits.sessions.outboundQueue", l.Sessions.OutboundQueue, 1, 1_000_000),
			within("limits.authentication.failuresPerMinute", l.Authentication.FailuresPerMinute, 1, 10_000),
		),
	)
}

func (s *Snapshot) timeProblem() string {
	return outOfBounds(
		within("session.pingInterval", s.Session.PingInterval, time.Second, 10*time.Minute),
		within("session.handshakeTimeout", s.Session.HandshakeTimeout, 100*time.Millisecond, time.Minute),
		within("session.commandTimeout", s.Session.CommandTimeout, time.Second, 10*time.Minute),
		within("drain.minDelay", s.Drain.MinDelay, 0, 10*time.Minute),
		within("drain.budget", s.Drain.Budget, time.Second, time.Hour),
	)
}
