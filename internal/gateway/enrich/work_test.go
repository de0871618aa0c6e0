package enrich

import (
	"errors"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// TestSharedWork checks that selections can share how much work they may take, and that each pays for what it makes others do.
func TestSharedWork(t *testing.T) {
	large := lamp{doc: `{"attributes":{"a":1,"text":"` + strings.Repeat("x", 16_000) + `"}}`}
	var headers protocol.Headers
	headers.SetString(protocol.HeaderCorrelationID, strings.Repeat("x", 16_000))
	signal := func() *Signal {
		return &Signal{
			Path: document.Pointer{"features"}, Value: []byte(`{"` + strings.Repeat(`f":1,"g":1,"`, 500) + `f":1}`), Headers: &headers,
		}
	}
	for _, tc := range []struct {
		fields      string
		least, most int
	}{
		{"_revision", 1, 5},
		{"attributes/a", 1000, 1100},
		{"attributes", 2000, 2200},
		{"attributes/a/b,attributes/*/b,attributes/a/*", 3000, 3300},
		{"features/*/properties/a,features/*/properties/b,features/*/properties/c", 1000, 1100},
		{"features/{{feature:id}}/a", 9000, 12_000},
		{"attributes/{{header:correlation-id|fn:substring-before('y')}}", 10_000, 12_000},
		{"{{resource:path}}", 1000, 1100},
	} {
		f, invalid := Parse(tc.fields)
		if invalid != nil {
			t.Fatal(tc.fields, invalid)
		}
		work := 1 << 30
		s := signal()
		s.Work = &work
		if _, err := f.Select(large, s); err != nil {
			t.Errorf("%s: %v", tc.fields, err)
		}
		used := 1<<30 - work
		if used < tc.least || used > tc.most {
			t.Errorf("%s: %d units, want %d to %d", tc.fields, used, tc.least, tc.most)
		}
		work = 2 * used
		for range 2 {
			if _, err := f.Select(large, s); err != nil || work < 0 {
				t.Errorf("%s: %v with %d units left", tc.fields, err, work)
			}
		}
		if object, err := f.Select(large, s); !errors.Is(err, ErrTooMuchWork) || object != nil || work != 0 {
			t.Errorf("%s: %v with %d units left", tc.fields, err, work)
		}
	}
}
