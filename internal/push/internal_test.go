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

// A copy is fetched once for all who have it at the same time, and given up when
// the last one leaves.
func TestSharedCopy(t *testing.T) {
	s, fetched, freed := newSharedCopy(), 0, 0
	fetch := func() ([]byte, func(), error) {
		fetched++
		return []byte("data"), func() { freed++ }, nil
	}
	for round := range 2 {
		var leaves []func()
		for range 3 {
			data, leave, err := s.take(t.Context(), fetch)
			if err != nil || string(data) != "data" {
				t.Fatalf("%q and %v", data, err)
			}
			leaves = append(leaves, leave)
		}
		for _, leave := range leaves {
			if freed != round {
				t.Fatal("given up while somebody has it")
			}
			leave()
		}
		if fetched != round+1 || freed != round+1 || s.data != nil {
			t.Errorf("fetched %d times and freed %d times, want %d; has %q", fetched, freed, round+1, s.data)
		}
	}
}

func TestShares(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	s := newShares(8)
	var frees []func()
	for _, namespace := range []string{"a", "b", "c", "d"} {
		for range 2 {
			free, err := s.take(t.Context(), namespace)
			if err != nil {
				t.Fatal(err)
			}
			frees = append(frees, free)
		}
		if _, err := s.take(ended, namespace); err == nil {
			t.Errorf("there was a third place for namespace %s", namespace)
		}
	}
	if _, err := s.take(ended, "e"); err == nil {
		t.Error("there was a ninth place")
	}
	for _, free := range frees {
		free()
	}
	if len(s.namespaces) != 0 || len(s.all) != 0 {
		t.Errorf("%d namespaces and %d places are left", len(s.namespaces), len(s.all))
	}
}
