package policy

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

func TestExpire(t *testing.T) {
	st := fixtures["two subjects"]
	expiry := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		st             *State
		label, subject string
		now            time.Time
		want           bool
	}{
		"in time":                 {st, "owner", "nginx:expiring", expiry, true},
		"late":                    {st, "owner", "nginx:expiring", expiry.Add(time.Hour), true},
		"too early":               {st, "owner", "nginx:expiring", expiry.Add(-1), false},
		"without expiry":          {st, "owner", "nginx:me", expiry, false},
		"without expiry there":    {st, "again", "nginx:expiring", expiry, false},
		"no such subject":         {st, "owner", "nginx:x", expiry, false},
		"no such entry":           {st, "x", "nginx:expiring", expiry, false},
		"a deleted policy":        {fixtures["deleted"], "owner", "nginx:expiring", expiry, false},
		"a policy that never was": {nil, "owner", "nginx:expiring", expiry, false},
	} {
		outcome := Expire(c.st, c.label, c.subject, c.now.In(time.FixedZone("elsewhere", 3600)))
		if !c.want {
			if diff := cmp.Diff(Outcome{}, outcome); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			continue
		}
		doc, _ := document.Delete(st.Doc, document.Pointer{"entries", "owner", "subjects", "nginx:expiring"})
		want := Outcome{
			State: &State{Revision: 8, Created: created, Modified: c.now, Doc: doc},
			Event: &Event{Action: protocol.Deleted, Path: path(t, "/entries/owner/subjects/nginx:expiring")},
		}
		if diff := cmp.Diff(want, outcome); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestExpireOfTheLastWriter checks that no subject stays because nobody could modify the policy without it.
func TestExpireOfTheLastWriter(t *testing.T) {
	st := state(policyOf(`"entries":{"o":{"subjects":{"a:b":{"type":"t","expiry":"2026-02-01T00:00:00Z"},"a:c":{"type":"t","expiry":"2026-02-05T00:00:00Z"}},` +
		`"resources":{"policy:/":` + readWrite + `},"importable":"implicit"}}`))
	outcome := Expire(st, "o", "a:b", now)
	if outcome.State == nil {
		t.Fatal("the subject stays")
	}
	checkDocument(t, outcome.State)
	if want := time.Date(2026, 2, 5, 0, 0, 0, 0, time.UTC); outcome.State.Due != want {
		t.Errorf("due at %s, want %s", outcome.State.Due, want)
	}
}
