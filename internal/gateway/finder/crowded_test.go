package finder

import (
	"slices"
	"strings"
	"testing"
)

// A thing of the usual size, whatever is in it, does not spoil a search for others.
func TestOneThingDoesNotSpoilASearch(t *testing.T) {
	s := newStand(t)
	s.things(t, "n", 3)
	crowd := strings.TrimSuffix(strings.Repeat("1,", 50_000), ",")
	s.set(t, "n:crowd", `{"thingId":"n:crowd","policyId":"n:p","attributes":{"n":[`+crowd+`]}}`, created)
	terms := strings.TrimSuffix(strings.Repeat(`eq(attributes/n,2),eq(attributes/n,-1),`, 60), ",")
	if ids := s.begin(t, user("s:a"), about(t, "or("+terms+")")).page(t, 25); !slices.Equal(ids, []string{"n:t0002"}) {
		t.Errorf("found %v", ids)
	}
}
