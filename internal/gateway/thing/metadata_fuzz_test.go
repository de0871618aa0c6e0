package thing

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// checkMetadataFuzzed checks what must hold of the metadata after any command that was accepted.
func checkMetadataFuzzed(t *testing.T, frame string, before *State, c *Command, o Outcome, limits Limits) {
	t.Helper()
	after := o.State
	if size := document.Chars(after.Doc) + document.Chars(after.Meta) + len(`,"_metadata":`); after.Meta != nil && size > limits.MaxSize &&
		c.Action != protocol.Delete {
		t.Fatalf("%s made the thing too large with its metadata", frame)
	}
	if c.metadata != nil || !before.Exists() || !after.Exists() {
		return
	}
	checkLeft(t, frame, before.Meta, after.Meta, before.Doc, after.Doc)
}

// checkLeft checks that without any header there is the metadata that there was before, but for that of parts that are gone.
func checkLeft(t *testing.T, frame string, before, after, old, doc []byte) {
	t.Helper()
	for name, was := range document.Members(before) {
		at := document.Pointer{name}
		is, left := document.Get(after, at)
		oldPart, wasPart := document.Get(old, at)
		part, isPart := document.Get(doc, at)
		switch {
		case wasPart && !isPart:
			if left {
				t.Fatalf("%s left %s of %s, which is gone", frame, is, name)
			}
		case document.KindOf(was) != document.Object || !wasPart:
			if string(was) != string(is) {
				t.Fatalf("%s made %s of %s, which it does not concern", frame, is, was)
			}
		default:
			checkLeft(t, frame, was, is, oldPart, part)
		}
	}
	for name := range document.Members(after) {
		if !has(before, document.Pointer{name}) {
			t.Fatalf("%s came by metadata %s", frame, name)
		}
	}
}

// FuzzPutMetadata checks that a header put-metadata is refused as such, or does what a model of it does.
func FuzzPutMetadata(f *testing.F) {
	paths := []string{"/", "/attributes", "/attributes/a", "/features", "/features/f", "/features/f/properties", "/features/f/definition", "/definition"}
	values := []string{
		`{"attributes":{"a":{"b":1},"*":null},"features":{"f":{"properties":{"p":1,"q":{"r":[]}}},"g":{"definition":["ns:d:1"]}}}`,
		`{"a":{"b":{},"c":null},"x":[1]}`, `{"f":{"properties":{"p":null},"desiredProperties":{"p":{"q":2}}}}`, `{"properties":{"p":{"q":1}}}`,
		`["ns:d:1"]`, `"ns:d:1"`, `5`, `null`, `{}`,
	}
	keys := []string{
		"k", "/a/k", "*/k", "/*/k", "*", "*/*", "a/*/k", "attributes/*/k", "features/*/properties/*/k", "features/*/properties/p/k",
		"features/f/desiredProperties/*/k", "*/properties/*/k", "properties/*/k", "features/*/definition/k", "*/definition/k", "a~0/b", "ä/\"", "", "//", "f/*/p/k",
	}
	for i, key := range keys {
		for j := range paths {
			f.Add(byte(j), byte(i%2), values[(i+j)%len(values)], `[{"key":`+fmt.Sprintf("%q", key)+`,"value":{"v":1}},{"key":"k/l","value":2}]`)
		}
	}
	f.Add(byte(0), byte(0), `{}`, `[{"key":"a","value":`+strings.Repeat("[", 98)+strings.Repeat("]", 98)+`}]`)
	f.Add(byte(1), byte(0), `{}`, `[{"key":"`+strings.Repeat("a/", 98)+`a","value":1}]`)
	f.Add(byte(1), byte(1), `{"a":1,"b":2}`, `[{"key":"*/\ud800","value":"\ud800"},{"key":"\ud800","value":1}]`)
	f.Fuzz(func(t *testing.T, path, action byte, value, header string) {
		if !json.Valid([]byte(value)) || !json.Valid([]byte(header)) {
			return
		}
		verb := []string{"modify", "merge"}[action%2]
		frame := fmt.Sprintf(`{"topic":"ns/t/things/twin/commands/%s","headers":{"content-type":"application/merge-patch+json","put-metadata":%s},`+
			`"path":%q,"value":%s}`, verb, header, paths[int(path)%len(paths)], value)
		before, limits := fixtures["labelled"], Limits{MaxSize: 1000}
		after := decideFuzzed(t, frame, before, newWorld(me), now, limits)
		if after == before || !after.Exists() {
			return
		}
		var env protocol.Envelope
		if err := protocol.Decode([]byte(frame), &env); err != nil {
			t.Fatal(err)
		}
		c, err := NewCommand(&env)
		if err != nil {
			t.Fatal(err)
		}
		if want := modelPut(before, after, c); metaOf(after) != want {
			t.Fatalf("%s\nmetadata %s\nwant     %s", frame, metaOf(after), want)
		}
	})
}

// modelPut returns the metadata after a command by setting each tag in each place on its own.
func modelPut(before, after *State, c *Command) string {
	meta := document.Prune(before.Meta, before.Doc, after.Doc)
	if !has(after.Doc, c.Path.Pointer) {
		return string(meta)
	}
	value, patch := c.Value, c.Action == protocol.Merge
	if !patch {
		value, _ = after.Get(c.Path.Pointer)
	}
	for _, wild := range []bool{true, false} {
		for _, e := range c.metadata.put {
			if e.wild != wild {
				continue
			}
			for _, place := range modelPlaces(value, e.key, patch) {
				meta = document.Set(meta, slices.Concat(c.Path.Pointer, place), e.value)
			}
		}
	}
	return string(meta)
}

// modelPlaces returns where a key leads in a value.
func modelPlaces(value []byte, key document.Pointer, patch bool) []document.Pointer {
	switch {
	case !slices.Contains(key, "*"):
		return []document.Pointer{key}
	case len(key) == 2:
		return modelLeaves(value, nil, key[1], patch)
	}
	return modelParts(value, nil, key, patch)
}

// modelLeaves returns the places called name in the leaves of what is at the pointer.
func modelLeaves(value []byte, at document.Pointer, name string, patch bool) (places []document.Pointer) {
	switch string(value) {
	case `null`, `{}`:
		if patch {
			return nil
		}
	}
	if document.KindOf(value) != document.Object || string(value) == `{}` {
		return []document.Pointer{slices.Concat(at, document.Pointer{name})}
	}
	for member, below := range document.Members(value) {
		places = append(places, modelLeaves(below, slices.Concat(at, document.Pointer{member}), name, patch)...)
	}
	return places
}

// modelParts returns where a key leads in what is at the pointer.
func modelParts(value []byte, at, key document.Pointer, patch bool) (places []document.Pointer) {
	switch {
	case patch && string(value) == `null`:
		return nil
	case len(key) == 1:
		return []document.Pointer{slices.Concat(at, key)}
	}
	for member, below := range document.Members(value) {
		if key[0] == member || key[0] == "*" {
			places = append(places, modelParts(below, slices.Concat(at, document.Pointer{member}), key[1:], patch)...)
		}
	}
	return places
}
