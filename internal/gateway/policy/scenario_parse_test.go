package policy

import (
	"bufio"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/policy/model"
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
			s = &scenario{title: rest, policy: "house", subjects: []string{"nginx:me"}, settings: defaultSettings()}
			all = append(all, s)
		case s == nil || !s.read(verb, rest):
			t.Fatalf("line %d is not understood: %s", n, line)
		}
	}
	return all
}

// read reads a line of a case.
func (s *scenario) read(verb, rest string) bool {
	var err error
	switch verb {
	case "policy":
		s.policy = rest
	case "as":
		s.subjects = strings.Fields(rest)
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
		err = json.Unmarshal([]byte(rest), &s.headers)
	case "fields":
		s.fields = &rest
	case "size":
		s.settings.MaxSize, err = strconv.Atoi(rest)
	case "imports":
		s.settings.MaxImports, err = strconv.Atoi(rest)
	case "lockout":
		s.settings.LockoutPrevention = false
	case "roots":
		s.settings.Roots = model.RootPolicies{"*": strings.Fields(rest)}
	default:
		return s.readResult(verb, rest)
	}
	return err == nil
}

// readResult reads a line of what comes of the command.
func (s *scenario) readResult(verb, rest string) bool {
	switch verb {
	case "refused":
		s.refused = rest
	case "naming":
		s.naming = rest
	case "answer":
		s.answer = strings.Fields(rest)
	case "at":
		s.at = rest
	case "value":
		s.response = &rest
	case "event":
		s.event = strings.SplitN(rest, " ", 2)
	case "now":
		s.now = append(s.now, strings.SplitN(rest, " ", 2))
	case "removed":
		s.removed = append(s.removed, rest)
	case "due":
		s.due = rest
	default:
		return false
	}
	return true
}

// frame returns the command as a client sends it.
func (s *scenario) frame() []byte {
	frame := map[string]any{"topic": "ns/p/policies/commands/" + s.action, "headers": s.headers, "path": s.path}
	if s.headers == nil {
		frame["headers"] = map[string]any{}
	}
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
