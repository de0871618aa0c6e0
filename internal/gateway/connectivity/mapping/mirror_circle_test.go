package mapping

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// goRound has two ends repeat each other's events without an end, each as if it came from somebody else. It returns how many events there
// were, up to a number that shows that they go on for ever.
func goRound(t *testing.T, ends [2]*end, at int, event []byte) (events int) {
	t.Helper()
	for events = 1; events < 100; events++ {
		command, ok := Mirror(toldEnvelope(t, string(event)))
		if !ok {
			return events
		}
		at = 1 - at
		var err *protocol.Error
		event, err = ends[at].do(Text(command), time.Unix(int64(events), 0))
		if err != nil && err.Status != 412 && (err.Status != 404 || command.Topic.Action != protocol.Delete) {
			t.Fatalf("%s is refused: %v", command.Append(nil), err)
		}
		if event == nil {
			return events
		}
	}
	return events
}

// Two ends that repeat each other's events over two connections are alike after one event at each.
func TestMirrorGoesInNoCircle(t *testing.T) {
	who := newAnybody()
	ends := [2]*end{{who: who}, {who: who}}
	for step, what := range []string{
		`create {"path":"/","value":{"policyId":"ns:p","attributes":{"a":1}}`, `modify {"path":"/attributes/a","value":2`,
		`modify {"path":"/attributes/a","value":2`, // tells again that nothing has changed
		`modify {"path":"/","value":{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":3}}`,
		`merge {"path":"/attributes","value":{"a":null,"b":{"c":1}}`, `merge {"path":"/attributes/b/c","value":4`,
		`delete {"path":"/attributes/b"`, `delete {"path":"/"`,
	} {
		action, rest, _ := strings.Cut(what, " {")
		text := fmt.Sprintf(`{"topic":"ns/t/things/twin/commands/%s","headers":{"correlation-id":"c","content-type":"application/merge-patch+json"},%s}`, action, rest)
		at := step % 2
		event, err := ends[at].do([]byte(text), time.Unix(0, 0))
		if err != nil || event == nil {
			t.Fatalf("%s: %v", text, err)
		}
		if events := goRound(t, ends, at, event); events != 2 {
			t.Errorf("%s led to %d events", what, events)
		}
		if ends[0].doc() != ends[1].doc() {
			t.Errorf("after %s there is %s, and there %s", what, ends[0].doc(), ends[1].doc())
		}
	}
}

// Changes at both ends at the same time chase each other, but not for ever.
func TestMirrorOfWhatMeetsEnds(t *testing.T) {
	const modify = `{"topic":"ns/t/things/twin/commands/modify","headers":{"correlation-id":"c"},"path":"/attributes/a","value":%d}`
	who := newAnybody()
	ends := [2]*end{{who: who}, {who: who}}
	var events [2][]byte // on the way from each end
	for i, e := range ends {
		if _, err := e.do([]byte(`{"topic":"ns/t/things/twin/commands/create","path":"/","value":{"policyId":"ns:p"}}`), time.Unix(0, 0)); err != nil {
			t.Fatal(err)
		}
		events[i], _ = e.do(fmt.Appendf(nil, modify, i), time.Unix(0, 0))
	}
	rounds := 0
	for ; rounds < 100 && (events[0] != nil || events[1] != nil); rounds++ {
		var next [2][]byte
		for i, event := range events {
			if event == nil {
				continue
			}
			if command, ok := Mirror(toldEnvelope(t, string(event))); ok {
				next[1-i], _ = ends[1-i].do(Text(command), time.Unix(0, 0))
			}
		}
		events = next
	}
	if rounds <= 2 || rounds > maxMirrored+1 {
		t.Errorf("they met for %d rounds", rounds)
	}
}

// A signal of the live channel goes a few ways, and no further. What is said of it before is no reason to go on.
func TestMirrorOfLiveSignalsEnds(t *testing.T) {
	for said, want := range map[string]int{``: maxMirrored, `,"TWINWAY-Mirrored":"2"`: maxMirrored - 2, `,"twinway-mirrored":3`: maxMirrored - 3,
		`,"twinway-mirrored":"-9"`: maxMirrored, `,"twinway-mirrored":{"a":"b"}`: maxMirrored, `,"twinway-mirrored":"99"`: 0} {
		env := toldEnvelope(t, `{"topic":"ns/t/things/live/messages/s","headers":{"correlation-id":"c"`+said+`},"path":"/inbox/messages/s","value":1}`)
		ways := 0
		for ; ways < 100; ways++ {
			next, ok := Mirror(env)
			if !ok {
				break
			}
			env = toldEnvelope(t, string(next.Append(nil)))
		}
		if ways != want {
			t.Errorf("%s: went %d ways, want %d", said, ways, want)
		}
	}
}

// What answers a signal goes back as far as that came.
func TestMirrorCountsNoAnswers(t *testing.T) {
	answer := toldEnvelope(t, `{"topic":"ns/t/things/live/messages/s","headers":{"twinway-mirrored":"99"},"path":"/inbox/messages/s","status":200}`)
	if mirrored, ok := Mirror(answer); !ok || strings.Contains(string(mirrored.Append(nil)), "100") {
		t.Errorf("%t, %v", ok, mirrored)
	}
}
