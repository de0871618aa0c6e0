package connectivity

import (
	"testing"
	"testing/synctest"
	"time"
)

// Of what happens often only so much is noted in each second as is kept, and nothing of it pushes out what is rare.
func TestNotesKeepPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal(time.Now)
		n := newNotes(j, "in")
		note := func(kind EventKind, failure bool) bool {
			admitted := n.admits(kind, failure, time.Now())
			if admitted {
				n.note(Event{Kind: kind, Failure: failure})
			}
			return admitted
		}
		note(EventSettled, true)
		for second := range 3 {
			admitted := 0
			for range 10 * kept {
				if note(EventSettled, false) {
					admitted++
				}
			}
			if admitted != kept {
				t.Errorf("in second %d %d are noted", second, admitted)
			}
			time.Sleep(time.Second)
		}
		if events := j.events(); len(events) != kept+1 || events[0].Name != "in" || !events[0].Failure {
			t.Errorf("kept: %+v", events)
		}
	})
}
