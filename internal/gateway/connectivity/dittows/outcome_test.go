package dittows

import (
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// What the other end has already is delivered, if it was to be done only where it is not.
func TestOutcomeOfWhatIsThereAlready(t *testing.T) {
	for _, c := range []struct {
		unless       bool
		status, want int
	}{
		{true, 412, 204}, {true, 304, 204}, {true, 201, 201}, {true, 403, 403}, {true, 503, 503}, {false, 412, 412}, {false, 304, 304},
	} {
		p := pending{unless: c.unless}
		if got := p.outcome(&protocol.Envelope{Status: c.status}); got.Status != c.want || got.Delivered() != (c.want < 300) {
			t.Errorf("%d, unless %t: %+v, want %d", c.status, c.unless, got, c.want)
		}
	}
}
