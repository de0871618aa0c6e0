package connections_test

import (
	"testing"

	"github.com/twinway/twinway/internal/management"
)

// Two gateways that mirror each other over a connection of each are alike, and nothing goes round for ever.
func TestMirrorsOfEachOther(t *testing.T) {
	t.Parallel()
	s := newSite(t, twins...)
	s.cloud.apply(append([]string{cloudAt(s.edge.public)}, twins...)...)
	s.cloud.awaitState("cloud", management.LinkOpen)
	atEdge, atCloud := s.edge.watch(), s.cloud.watch()
	s.edge.thing("pump")
	s.alike()
	const changes = 20
	for n := range changes {
		s.edge.set("pump", "n", n)
		s.cloud.set("pump", "level", n)
	}
	s.alike()
	for _, w := range []*world{s.edge, s.cloud} {
		eventually(t, "nothing is under way", func() bool {
			return w.figures("cloud", "in", "in").settled() && w.figures("cloud", "out", "out").gone()
		})
	}
	edge, cloud := atEdge.count(), atCloud.count()
	if most := 20 * (1 + 2*changes); edge > most || cloud > most {
		t.Errorf("%d changes are %d events at the edge and %d in the cloud", 1+2*changes, edge, cloud)
	}
}
