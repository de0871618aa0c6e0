package rest

import "strings"

// endpoint answers a request.
type endpoint func(*request) *answer

// methods are the endpoints of a path by method.
type methods map[string]endpoint

// tree finds what is at a path. The zero tree is empty.
type tree struct {
	methods methods
	fixed   map[string]*tree
	any     *tree // below a segment that may be anything
	rest    methods
}

// add adds what is at a pattern: segments, of which {name} stands for any one, and {name...} at the end for one or more.
func (t *tree) add(pattern string, m methods) {
	for part := range strings.SplitSeq(strings.TrimPrefix(pattern, "/"), "/") {
		switch {
		case strings.HasSuffix(part, "...}"):
			t.rest = m
			return
		case strings.HasPrefix(part, "{"):
			if t.any == nil {
				t.any = &tree{}
			}
			t = t.any
		default:
			next := t.fixed[part]
			if next == nil {
				next = &tree{}
				if t.fixed == nil {
					t.fixed = map[string]*tree{}
				}
				t.fixed[part] = next
			}
			t = next
		}
	}
	t.methods = m
}

// find returns what is at a path, nil for nothing. What is named goes before what may be anything, and a slash at the end is ignored.
func (t *tree) find(segments []string) methods {
	if len(segments) == 0 || len(segments) == 1 && segments[0] == "" && t.methods != nil {
		return t.methods
	}
	if next := t.fixed[segments[0]]; next != nil {
		if m := next.find(segments[1:]); m != nil {
			return m
		}
	}
	if t.any != nil {
		if m := t.any.find(segments[1:]); m != nil {
			return m
		}
	}
	return t.rest
}
