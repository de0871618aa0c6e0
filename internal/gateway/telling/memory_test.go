package telling

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// What is remembered of an event is bounded; what does not fit is found out again.
func TestMemoryIsBounded(t *testing.T) {
	m := newMemory(0)
	for i := range maxResults + 10 {
		m.rememberResult(question{want: &pubsub.Want{}}, Whole)
		if added := m.rememberExtra(choice{fields: fmt.Sprint(i)}, nil); added != nil {
			t.Fatal("nothing is something")
		}
	}
	if len(m.results) != maxResults || len(m.extras) != maxResults {
		t.Errorf("%d results and %d extras are remembered", len(m.results), len(m.extras))
	}
	m = newMemory(0)
	const size = maxExtras / 4
	for i := range 6 {
		object := []byte(strings.Repeat(fmt.Sprint(i), size))
		chosen := choice{fields: fmt.Sprint(i)}
		if added := m.rememberExtra(chosen, object); string(added.object) != string(object) {
			t.Fatalf("extra %d holds %.10s", i, added.object)
		}
		if _, known := m.extras[chosen]; known != (i < 4) {
			t.Errorf("extra %d is remembered: %t", i, known)
		}
	}
	if m.size != maxExtras || len(m.content) != 4 {
		t.Errorf("%d extras of %d bytes are remembered", len(m.content), m.size)
	}
	first := m.rememberExtra(choice{fields: "others that select the same"}, []byte(strings.Repeat("0", size)))
	if first != m.extras[choice{fields: "0"}] {
		t.Error("what is the same is there twice")
	}
}
