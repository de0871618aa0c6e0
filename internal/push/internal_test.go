package push

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

func TestBackoff(t *testing.T) {
	b := backoff{least: 100 * time.Millisecond, most: time.Second}
	for range 2 {
		for i, longest := range []int{100, 200, 400, 800, 1000, 1000, 1000} {
			limit := time.Duration(longest) * time.Millisecond
			if got := b.next(); got < limit/2 || got > limit {
				t.Errorf("pause %d is %s, want %s to %s", i, got, limit/2, limit)
			}
		}
		b.reset()
	}
}

// Who hangs loses the place, and cannot give it back twice.
func TestPlaces(t *testing.T) {
	guard, done := context.WithTimeout(t.Context(), 30*time.Second)
	defer done()
	places := make(places, 1)
	leave, err := places.take(guard)
	if err != nil {
		t.Fatal(err)
	}
	second, err := places.take(guard) // As soon as the first is found to hang.
	if err != nil {
		t.Fatal(err)
	}
	leave()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := places.take(ended); err == nil {
		t.Error("there were two places")
	}
	second()
	third, err := places.take(guard)
	if err != nil {
		t.Fatal(err)
	}
	third()
}

func FuzzAnswer(f *testing.F) {
	plant := snapshot.Identity{Namespace: "plant-1", Name: "gw"}
	good, err := json.Marshal(management.Status{
		Gateway: plant, Boot: "b", Version: 1, Hash: "h", Refused: &management.Refusal{Hash: "x", Message: "no"},
		Connections: []management.LinkStatus{{Name: "c", State: management.LinkOpen, Message: "fine"}},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(200, good)
	f.Add(409, good)
	f.Add(200, []byte(`{"connections":[null]}`))
	f.Fuzz(func(t *testing.T, code int, body []byte) {
		status, err := answer{code: code, body: body}.status(plant)
		if (status == nil) == (err == nil) {
			t.Fatalf("%v and %v", status, err)
		}
		if err != nil {
			if text := clean(err.Error()); strings.ContainsAny(text, "\r\n\x1b") {
				t.Fatalf("%q", text)
			}
			return
		}
		if status.Gateway != plant || status.Boot == "" || code != http.StatusOK && status.Refused == nil {
			t.Fatalf("%d: %+v", code, status)
		}
		if len(status.Reason) > 4*maxText+3 {
			t.Fatalf("a reason of %d bytes", len(status.Reason))
		}
	})
}
