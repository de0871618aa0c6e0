package session

import "github.com/twinway/twinway/internal/gateway/stream"

// streams are the subscriptions of a session for streams. Methods may be called
// on nil, which has none.
type streams struct {
	kind *stream.Kind
	set  *stream.Set
	rest *streams // those of other kinds, nil for none
}

// Streams returns the session's subscriptions of a kind, which end with it. It
// is called by who handles a message, before Handle returns.
func (s *Session) Streams(kind *stream.Kind) *stream.Set {
	all := s.streams.Load()
	for of := all; of != nil; of = of.rest {
		if of.kind == kind {
			return of.set
		}
	}
	set := stream.NewSet(kind, stream.Options{Send: s.conn.Send, Go: s.server.begin, Clock: s.server.options.Clock})
	s.streams.Store(&streams{kind: kind, set: set, rest: all})
	return set
}

func (s *streams) sweep() {
	for ; s != nil; s = s.rest {
		s.set.Sweep()
	}
}

func (s *streams) close() {
	for ; s != nil; s = s.rest {
		s.set.Close()
	}
}
