package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// mismatch is one difference between a pattern and a frame.
type mismatch struct {
	path string // JSON pointer into the envelope
	text string
}

func (m mismatch) String() string { return m.path + ": " + m.text }

// match compares a frame with a pattern. Named placeholders are kept in b only when everything matches.
func (p pattern) match(b bindings, frame []byte) []mismatch {
	trial := bindings{namespace: b.namespace, kept: maps.Clone(b.kept)}
	found := p.compare(trial, frame)
	if len(found) == 0 {
		maps.Copy(b.kept, trial.kept)
	}
	return found
}

func (p pattern) compare(b bindings, frame []byte) []mismatch {
	if p.tree == nil {
		return compareString(b, "frame", p.source, string(frame))
	}
	got, err := decode(frame)
	if err != nil {
		return []mismatch{{"frame", "no JSON envelope: " + err.Error()}}
	}
	return compareValue(b, "", p.tree, got)
}

func compareValue(b bindings, path string, want, got any) []mismatch {
	switch w := want.(type) {
	case object:
		if g, ok := got.(object); ok {
			return compareObject(b, path, w, g)
		}
	case []any:
		if g, ok := got.([]any); ok {
			return compareArray(b, path, w, g)
		}
	case string:
		if g, ok := got.(json.Number); ok && strings.HasPrefix(w, "<rev") {
			if ok, err := b.matchString(w, g.String()); ok && err == nil {
				return nil
			}
			return differ(path, want, got)
		}
		if g, ok := got.(string); ok && !strings.HasPrefix(w, "<rev") {
			return compareString(b, path, w, g)
		}
	default:
		if want == got {
			return nil
		}
	}
	return differ(path, want, got)
}

func compareObject(b bindings, path string, want, got object) []mismatch {
	var found []mismatch
	expected := map[string]bool{}
	_, open := want[rest]
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if key == rest {
			continue
		}
		name, err := b.expand(key, false)
		if err != nil {
			return []mismatch{{path, err.Error()}}
		}
		expected[name] = true
		at := path + "/" + name
		member, ok := got[name]
		if !ok {
			found = append(found, mismatch{at, "missing, want " + encode(want[key])})
			continue
		}
		found = append(found, compareValue(b, at, want[key], member)...)
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if !open && !expected[name] {
			found = append(found, mismatch{path + "/" + name, "not expected, got " + encode(got[name])})
		}
	}
	return found
}

func compareArray(b bindings, path string, want, got []any) []mismatch {
	if len(want) != len(got) {
		return differ(path, want, got)
	}
	var found []mismatch
	for i := range want {
		found = append(found, compareValue(b, path+"/"+strconv.Itoa(i), want[i], got[i])...)
	}
	return found
}

func compareString(b bindings, path, want, got string) []mismatch {
	ok, err := b.matchString(want, got)
	switch {
	case err != nil:
		return []mismatch{{path, err.Error()}}
	case ok:
		return nil
	}
	return differ(path, want, got)
}

func differ(path string, want, got any) []mismatch {
	if path == "" {
		path = "/"
	}
	return []mismatch{{path, fmt.Sprintf("want %s, got %s", encode(want), encode(got))}}
}

// matchAny assigns each frame to a different pattern, in whatever order they came, and reports whether that is possible.
func matchAny(b bindings, patterns []pattern, frames [][]byte) bool {
	if len(patterns) == 0 {
		return true
	}
	for i, frame := range frames {
		trial := bindings{namespace: b.namespace, kept: maps.Clone(b.kept)}
		if len(patterns[0].match(trial, frame)) > 0 {
			continue
		}
		others := slices.Delete(slices.Clone(frames), i, i+1)
		if matchAny(trial, patterns[1:], others) {
			maps.Copy(b.kept, trial.kept)
			return true
		}
	}
	return false
}
