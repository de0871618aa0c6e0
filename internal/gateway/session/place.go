package session

// Place takes a place among the sessions for something else that lasts like one, and reports whether there was one. Release gives
// it back, and is called once.
func (s *Server) Place() (release func(), ok bool) {
	if !s.registry.reserve(s.settings.Load().MaxSessions) {
		return nil, false
	}
	return s.registry.release, true
}
