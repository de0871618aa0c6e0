package conformance

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// reasons says why a command of a scenario has no twin.
var reasons = map[string]string{
	"creates what is there, which PUT replaces":       "PUT is modify, which creates what is missing. What a create says of what exists, and that it ignores conditions, has no form in HTTP",
	"creates what is no entity":                       "parts are not created but modified: HTTP has no method for it",
	"has a header that HTTP cannot carry":             "null, empty text, control characters, and what is larger than headers of HTTP may be",
	"has a header that requests do not pass on":       "what concerns the HTTP request itself, names in capitals, and what a request says in another way",
	"has a path that no URL has":                      "without its first slash, with two in a row",
	"has headers that are too large for a request":    "headers of a command by HTTP have 5 kB",
	"has members that no request has":                 "metadata, extra, revision, timestamp",
	"has no answer in the scenario":                   "a request has one, and would wait for it",
	"is a create, which devices are not told by HTTP": "PUT is a modify on the live channel",
	"is a message whose payload is not of its type":   "outside of an envelope, a payload is bytes",
	"is a message with a path that no URL has":        "the path of a message and its topic are one in HTTP",
	"is a response": "devices do not answer by HTTP",
	"is about several things in a way that HTTP does not have":  "HTTP has GET /things?ids=, without a namespace of its own",
	"is an action that HTTP does not have":                      "such as migrate, and what there is not at all",
	"is answered by what no response is":                        "acknowledgements are answered by nothing, streams by many",
	"is malformed":                                              "what cannot be read as an envelope is nothing that could be asked by HTTP",
	"is no command":                                             "searches, streams, events and acknowledgements are other things in HTTP, or none",
	"is of a session for which somebody vouches in another way": "a parameter of the handshake",
	"lists labels in another way":                               "a header of HTTP is text, and may have commas where an envelope must have a list",
	"says of its value what is not so":                          "HTTP believes the type of a body, the protocol sets that of a value",
	"shares its correlation id with another":                    "answers of two requests cannot be confused",
	"waits among others":                                        "a session keeps the order of its commands; requests at the same time have none",
	"waits longer than a request may":                           "HTTP refuses timeouts of more than 60 s",
	"would be acknowledged by who sends it":                     "a session need not acknowledge what it sends itself. By HTTP somebody else sends it",
}

// matrices are the directories of which every scenario has a twin, but for those that are listed: how many, and why. The reason of a
// scenario that sends no command at all is "".
var matrices = map[string]map[string]int{
	"authorization": {
		"": 1,
		"creates what is there, which PUT replaces":                 3,
		"is of a session for which somebody vouches in another way": 2,
	},
	"conditions": {
		"creates what is there, which PUT replaces": 4,
		"has a header that HTTP cannot carry":       6,
	},
	"history": {
		"is no command": 46,
	},
	"merge": {},
	"metadata": {
		"creates what is there, which PUT replaces": 2,
	},
	"policies": {
		"creates what is no entity":                                14,
		"has a header that requests do not pass on":                1,
		"has a path that no URL has":                               3,
		"is about several things in a way that HTTP does not have": 1,
		"is an action that HTTP does not have":                     3,
		"is no command":                                            2,
	},
	"replies": {
		"creates what is there, which PUT replaces": 3,
	},
	"retrieve": {
		"is about several things in a way that HTTP does not have": 7,
	},
	"things": {
		"creates what is no entity":                 14,
		"creates what is there, which PUT replaces": 1,
	},
}

// otherEnds are scenarios of which the twin has another end.
var otherEnds = map[string]string{
	"live/message_responses/a message without a status is none": "a session is not told its own message; by HTTP it is not its own",
	"live/message_size/characters count, not bytes":             "a payload is bytes in HTTP, of which 256,000 are allowed",
}

// TestTwins plays scenarios of WebSocket by HTTP.
func TestTwins(t *testing.T) {
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	target := start(t)
	var played, requests, others int
	left := map[string]int{}
	for _, s := range all {
		twin := s.Twin()
		for _, reason := range twin.Left {
			left[reason]++
		}
		if _, other := otherEnds[title(s)]; other || twin.Requests == 0 {
			others++
			continue
		}
		played++
		requests += twin.Requests
		t.Run(strings.ReplaceAll(title(s), " ", "_"), func(t *testing.T) {
			t.Parallel()
			runOne(t, target, twin.Scenario)
		})
	}
	t.Logf("%d of %d scenarios played by HTTP with %d requests, %d left out", played, len(all), requests, others)
	for _, reason := range slices.Sorted(maps.Keys(left)) {
		t.Logf("%5d commands left to WebSocket: %s", left[reason], reason)
	}
}

// title is the directory, the file and the name of a scenario.
func title(s Scenario) string {
	return path.Base(path.Dir(s.File)) + "/" + strings.TrimSuffix(path.Base(s.File), ".txt") + "/" + strings.ReplaceAll(s.Name, "/", ":")
}

// TestTwinsAreComplete keeps the tables: nothing is left out without a reason, and no reason remains that is none any more.
func TestTwinsAreComplete(t *testing.T) {
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	missing, used, titles := map[string]map[string]int{}, map[string]bool{}, map[string]bool{}
	for _, s := range all {
		twin := s.Twin()
		for _, reason := range twin.Left {
			used[reason] = true
		}
		titles[title(s)] = true
		directory := path.Base(path.Dir(s.File))
		if twin.Requests > 0 || matrices[directory] == nil {
			continue
		}
		if missing[directory] == nil {
			missing[directory] = map[string]int{}
		}
		missing[directory][strings.Join(slices.Compact(slices.Sorted(slices.Values(twin.Left))), ", ")]++
	}
	for directory, want := range matrices {
		if diff := cmp.Diff(want, missing[directory], cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("scenarios of %s without a twin (-want +got):\n%s", directory, diff)
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(reasons)), slices.Sorted(maps.Keys(used))); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	for name := range otherEnds {
		if !titles[name] {
			t.Errorf("there is no scenario %q", name)
		}
	}
}
