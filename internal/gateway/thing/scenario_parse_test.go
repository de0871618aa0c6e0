package thing

import (
	"bufio"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

func parseScenarios(t *testing.T, text string) (all []*scenario) {
	var s *scenario
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case strings.HasPrefix(line, "#") || verb == "":
			continue
		case verb == "==":
			s = &scenario{title: rest, thing: "lamp", subject: me, rights: everything}
			all = append(all, s)
		case s == nil || !s.read(verb, rest):
			t.Fatalf("line %d is not understood: %s", n, line)
		}
	}
	return all
}

// read reads a line of a case.
func (s *scenario) read(verb, rest string) bool {
	switch verb {
	case "thing":
		s.thing = rest
	case "send":
		words := strings.SplitN(rest, " ", 3)
		if len(words) < 2 {
			return false
		}
		s.action, s.path = words[0], words[1]
		if len(words) == 3 {
			s.value = &words[2]
		}
	case "path": // for those with blanks
		s.path = rest
	case "headers":
		return json.Unmarshal([]byte(rest), &s.headers) == nil
	case "fields":
		s.fields = &rest
	case "limit":
		s.sizeLimit = rest
	case "refused":
		s.refused = rest
	case "answer":
		s.answer = strings.Fields(rest)
	case "value":
		s.response = &rest
	case "event":
		s.event = strings.SplitN(rest, " ", 2)
	case "now":
		s.now = append(s.now, strings.SplitN(rest, " ", 2))
	case "policy":
		s.policy = &rest
	case "metadata":
		s.metadata = &rest
	case "told":
		s.told = &rest
	case "rights":
		s.rights = rest
	case "no":
		s.noPolicy = true
		return rest == "policy"
	case "for":
		s.forDevice = true
		return rest == "the device"
	case "as":
		s.subject = rest
	case "naming":
		s.naming = rest
	case "forbidden":
		group, known := map[string]protocol.Group{"things": protocol.Things, "policies": protocol.Policies}[rest]
		s.forbidden = append(s.forbidden, group)
		return known
	default:
		return false
	}
	return true
}

// frame returns the command as a client sends it.
func (s *scenario) frame() []byte {
	headers := map[string]json.RawMessage{}
	if s.action == "merge" {
		headers["content-type"] = json.RawMessage(`"application/merge-patch+json"`)
	}
	maps.Copy(headers, s.headers)
	frame := map[string]any{"topic": "ns/t/things/twin/commands/" + s.action, "headers": headers, "path": s.path}
	if s.value != nil {
		frame["value"] = json.RawMessage(*s.value)
	}
	if s.fields != nil {
		frame["fields"] = *s.fields
	}
	text, err := json.Marshal(frame)
	if err != nil {
		panic(err)
	}
	return text
}
