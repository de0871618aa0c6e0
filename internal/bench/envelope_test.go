package bench

import (
	"encoding/json"
	"testing"
)

func TestNumber(t *testing.T) {
	for text, want := range map[string]int{
		`{"topic":"a/b/things/twin/commands/modify","headers":{"correlation-id":"3-17","x":1},"status":204}`: 17,
		`{"headers":{"correlation-id": "0-0"}}`:                         0,
		`{"headers":{"correlation-id":"ended"}}`:                        -1,
		`{"headers":{"correlation-id":"3-"}}`:                           -1,
		`{"headers":{"correlation-id":"3-17x"}}`:                        -1,
		`{"headers":{"correlation-id":"3-99999999999999999999999999"}}`: -1,
		`{"headers":{"correlation-id":17}}`:                             -1,
		`{"headers":{"correlation-id":"3-17`:                            -1,
		`{"headers":{}}`:                                                -1,
		``:                                                              -1,
	} {
		if got := number([]byte(text)); got != want {
			t.Errorf("%s is operation %d, want %d", text, got, want)
		}
	}
}

func TestStatus(t *testing.T) {
	for text, want := range map[string]int{
		`{"path":"/","value":{"status":"fine"},"status":200}`: 200,
		`{"path":"/","status": 204}`:                          204,
		`{"value":{"status":412,"error":"e"},"status":412}`:   412,
		`{"path":"/"}`:                        0,
		`{"status":"x"}`:                      0,
		`{"status":99999999999999999999999}`:  9999,
		`START-SEND-EVENTS:ACK`:               0,
		`{"status":204,"revision":5,"x":"y"}`: 204,
	} {
		if got := status([]byte(text)); got != want {
			t.Errorf("%s has the status %d, want %d", text, got, want)
		}
	}
	if got := failure(412, []byte(`{"value":{"status":412,"error":"things:condition.failed"},"status":412}`)); got != "412 things:condition.failed" {
		t.Errorf("a failure is told as %q", got)
	}
}

// What is sent is JSON, and belongs to its operation.
func TestEnvelopes(t *testing.T) {
	s := newStock(Parameters{Things: 1000, Namespace: "a.b", Subject: "nginx:ada"})
	for k, topic := range map[kind]string{
		create: "a.b/test-thing-107/things/twin/commands/create", createDevice: "a.b.device107/device/things/twin/commands/create",
		read: "a.b/test-thing-107/things/twin/commands/retrieve", modify: "a.b/test-thing-107/things/twin/commands/modify",
		searchID: "_/_/things/twin/search/subscribe", searchAttribute: "_/_/things/twin/search/subscribe",
		searchPage: "_/_/things/twin/search/subscribe", message: "a.b.device107/device/things/live/messages/ask",
	} {
		t.Run(k.String(), func(t *testing.T) {
			text := s.envelope(nil, task{k, 107, 5}, 3, 17)
			var e struct {
				Topic   string
				Headers map[string]string
				Path    string
				Value   json.RawMessage
			}
			if err := json.Unmarshal(text, &e); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			if e.Topic != topic || e.Headers["correlation-id"] != "3-17" || number(text) != 17 {
				t.Errorf("%s", text)
			}
		})
	}
	for _, text := range [][]byte{askForPages(nil, 3, 17, []byte("id"), 2), endSearch(nil, []byte("id")), s.answerOf(nil, 3, []byte("3-17"))} {
		if !json.Valid(text) {
			t.Errorf("%s is no JSON", text)
		}
	}
}

// The template is that of the reference's benchmark, and nothing else if things are to be plain.
func TestTemplate(t *testing.T) {
	for _, plain := range []bool{true, false} {
		var thing struct {
			Definition string
			Attributes map[string]any
			Features   map[string]struct{ Properties map[string]int }
			Policy     struct {
				Entries map[string]struct {
					Subjects  map[string]any
					Resources map[string]struct{ Grant, Revoke []string }
				}
			} `json:"_policy"`
		}
		s := newStock(Parameters{Namespace: "a.b", Subject: "nginx:ada", Plain: plain})
		if err := json.Unmarshal(s.body(nil, 7), &thing); err != nil {
			t.Fatal(err)
		}
		owner := thing.Policy.Entries["owner"]
		_, subject := owner.Subjects["nginx:ada"]
		if thing.Definition != "org.eclipse.ditto:coffeebrewer:0.1.0" || thing.Attributes["model"] != "Speaking coffee machine" ||
			thing.Attributes["location"] != "test location" || len(thing.Features["coffee-brewer"].Properties) != 1 || !subject || len(owner.Resources) != 3 {
			t.Errorf("the thing is %s", s.body(nil, 7))
		}
		if want := map[bool]int{true: 2, false: 5}[plain]; len(thing.Attributes) != want {
			t.Errorf("plain %t: attributes %v", plain, thing.Attributes)
		}
	}
}

// No two things have the same serial number.
func TestSerials(t *testing.T) {
	s, seen := &stock{}, map[int]int{}
	for i := range 100_000 {
		n := s.serialOf(i)
		if other, taken := seen[n]; taken {
			t.Fatalf("things %d and %d have the number %d", other, i, n)
		}
		seen[n] = i
	}
}

// A mix is what it says, and every thing has its turn.
func TestTasks(t *testing.T) {
	s := newStock(Parameters{Things: 100})
	const n = 100_000
	kinds, things := map[kind]int{}, map[int]int{}
	for op := range n {
		task := s.mixed(Mix{Read: 50, Modify: 30, Search: 15, Message: 5}, 100)(op%7, op/7)
		if kinds[task.kind]++; task.kind != message {
			things[task.at]++
		} else if task.at != op%7 {
			t.Fatalf("lane %d sends a message to device %d", op%7, task.at)
		}
	}
	for k, percent := range map[kind]int{read: 50, modify: 30, searchID: 15, message: 5} {
		if got := kinds[k]; got < n*percent/100*9/10 || got > n*percent/100*11/10 {
			t.Errorf("%d of %d are %v, want %d %%", got, n, k, percent)
		}
	}
	if len(things) != 100 {
		t.Errorf("%d things have had their turn", len(things))
	}
	for at, count := range things {
		if count < n/100*8/10 || count > n/100*11/10 {
			t.Errorf("thing %d was taken %d times", at, count)
		}
	}
}
