package expiry_test

import (
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// A filter of announcements knows what they are about. They have no document, and a filter that cannot be evaluated keeps
// none back.
func TestFilteredAnnouncements(t *testing.T) {
	filters := map[string]bool{
		`eq(topic:subject,"subjectDeletion")`:                                              true,
		`eq(topic:full,"n/p/policies/announcements/subjectDeletion")`:                      true,
		`and(eq(entity:id,"n:p"),eq(entity:namespace,"n"),eq(entity:name,"p"))`:            true,
		`and(eq(resource:path,"/"),eq(resource:type,"policy"),eq(topic:group,"policies"))`: true,
		`not(exists(thingId))`:                 true,
		`ne(attributes/a,1)`:                   true,
		`eq(topic:subject,"other")`:            false,
		`exists(topic:action)`:                 false,
		`eq(entity:name,"q")`:                  false,
		`exists(attributes/a)`:                 false,
		`exists(_revision)`:                    false,
		`lt(topic:full,time:now_epoch_millis)`: false,
		`gt(topic:full,time:now_epoch_millis)`: true, // as text
	}
	play(t, "", func(t *testing.T, w *world) {
		hub, sessions := pubsub.NewHub(), map[string]*session{}
		for filter := range filters {
			p, err := rql.CompileSignal(filter)
			if err != nil {
				t.Fatal(filter, err)
			}
			sessions[filter] = &session{audience: pubsub.Audience{Subjects: []string{"s:a"}}}
			hub.Subscribe(sessions[filter], &pubsub.Want{Filter: p})
		}
		w.options.Publisher = hub
		w.run()
		w.policy("n:p", subject{"e", "s:a", 3 * time.Hour, askingTwo})
		w.until(2*time.Hour + 5*time.Second)
		for filter, want := range filters {
			if got := len(sessions[filter].got) == 1 && strings.Contains(sessions[filter].got[0], "subjectDeletion"); got != want {
				t.Errorf("%s lets an announcement pass: %t, want %t", filter, got, want)
			}
		}
		if got := hub.Filtered(); got != 6 {
			t.Errorf("filters have kept back %d announcements", got)
		}
	})
}
