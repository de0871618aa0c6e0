package enrich

import "github.com/twinway/twinway/internal/gateway/rql"

// time returns the text of a placeholder of the time, and reports whether there is such a placeholder.
func (s *Signal) time(name string) ([]string, bool) {
	t, known := rql.ParseTime(name)
	if !known {
		return nil, false
	}
	return some(t.At(s.Now)), true
}
