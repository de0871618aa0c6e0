package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// This file is the oracle of the fuzz tests: trees made by encoding/json, handled in the most obvious way.

// tree is nil, a bool, a json.Number, a string, a []tree or an *object.
type tree any

// object remembers the order of its members.
type object struct {
	names  []string
	values map[string]tree
}

func newObject() *object { return &object{values: map[string]tree{}} }

func (o *object) set(name string, value tree) {
	if _, ok := o.values[name]; !ok {
		o.names = append(o.names, name)
	}
	o.values[name] = value
}

func (o *object) remove(name string) {
	delete(o.values, name)
	o.names = slices.DeleteFunc(o.names, func(n string) bool { return n == name })
}

// parseTree reads valid JSON.
func parseTree(t testing.TB, src []byte) tree {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	v, err := readTree(d)
	if err != nil {
		t.Fatalf("encoding/json refuses %q: %v", src, err)
	}
	return v
}

func readTree(d *json.Decoder) (tree, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		o := newObject()
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := readTree(d)
			if err != nil {
				return nil, err
			}
			o.set(name.(string), value)
		}
		_, err = d.Token()
		return o, err
	case json.Delim('['):
		a := []tree{}
		for d.More() {
			value, err := readTree(d)
			if err != nil {
				return nil, err
			}
			a = append(a, value)
		}
		_, err = d.Token()
		return a, err
	}
	return token, nil
}

// text writes a tree as canonical JSON.
func text(v tree) string {
	switch v := v.(type) {
	case *object:
		parts := make([]string, 0, len(v.names))
		for _, name := range v.names {
			parts = append(parts, text(name)+":"+text(v.values[name]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []tree:
		parts := make([]string, 0, len(v))
		for _, e := range v {
			parts = append(parts, text(e))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case string:
		var b strings.Builder
		for _, r := range v {
			switch i := strings.IndexRune("\"\\\b\f\n\r\t", r); {
			case i >= 0:
				b.WriteString(`\` + `"\bfnrt`[i:i+1])
			case r < ' ':
				fmt.Fprintf(&b, `\u%04x`, r)
			default:
				b.WriteRune(r)
			}
		}
		return `"` + b.String() + `"`
	case nil:
		return "null"
	}
	return fmt.Sprint(v)
}

func naiveGet(v tree, p Pointer) (tree, bool) {
	for _, token := range p {
		o, ok := v.(*object)
		if !ok {
			return nil, false
		}
		if v, ok = o.values[token]; !ok {
			return nil, false
		}
	}
	return v, true
}

func naiveSet(v tree, p Pointer, value tree) tree {
	if len(p) == 0 {
		return value
	}
	o, ok := v.(*object)
	if !ok {
		o = newObject()
	}
	o.set(p[0], naiveSet(o.values[p[0]], p[1:], value))
	return o
}

func naiveDelete(v tree, p Pointer) {
	parent, _ := naiveGet(v, p[:len(p)-1])
	parent.(*object).remove(p[len(p)-1])
}

// naiveRFC is the algorithm that RFC 7396 gives.
func naiveRFC(target, patch tree) tree {
	changes, ok := patch.(*object)
	if !ok {
		return patch
	}
	result, ok := target.(*object)
	if !ok {
		result = newObject()
	}
	for _, name := range changes.names {
		if changes.values[name] == nil {
			result.remove(name)
		} else {
			result.set(name, naiveRFC(result.values[name], changes.values[name]))
		}
	}
	return result
}

// naiveMerge is a merge patch as the protocol defines it. The patterns must be valid.
func naiveMerge(target, patch tree) tree {
	changes, ok := patch.(*object)
	if !ok {
		return patch
	}
	result, ok := target.(*object)
	if !ok {
		added := dropPatterns(patch).(*object)
		for _, name := range slices.Clone(added.names) {
			if added.values[name] == nil {
				added.remove(name)
			}
		}
		return added
	}
	for _, pattern := range changes.names {
		expr, ok := patternIn(pattern)
		if !ok {
			continue
		}
		for _, name := range slices.Clone(result.names) {
			_, named := changes.values[name]
			if !named && regexp.MustCompile(`\A(?:`+expr+`)\z`).MatchString(name) {
				result.remove(name)
			}
		}
	}
	for _, name := range changes.names {
		if changes.values[name] == nil {
			result.remove(name)
		} else {
			result.set(name, naiveMerge(result.values[name], changes.values[name]))
		}
	}
	return result
}

func dropPatterns(v tree) tree {
	o, ok := v.(*object)
	if !ok {
		return v
	}
	out := newObject()
	for _, name := range o.names {
		if _, ok := patternIn(name); !ok {
			out.set(name, dropPatterns(o.values[name]))
		}
	}
	return out
}

// naiveSelect keeps what one of the pointers leads to.
func naiveSelect(v tree, pointers []Pointer) (kept tree, ok bool) {
	var below []Pointer
	for _, p := range pointers {
		if len(p) == 0 {
			return v, true
		}
		below = append(below, p)
	}
	o, ok := v.(*object)
	if !ok {
		return nil, false
	}
	out := newObject()
	for _, name := range o.names {
		var next []Pointer
		for _, p := range below {
			if p[0] == name || p[0] == "*" {
				next = append(next, p[1:])
			}
		}
		if value, ok := naiveSelect(o.values[name], next); ok {
			out.set(name, value)
		}
	}
	return out, len(out.names) > 0
}
