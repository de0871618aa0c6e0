package rql

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
)

// FuzzMatch: whatever the expression and the documents, the answer is that of the naive evaluation, within the bound on
// work. Documents that are none give some answer.
func FuzzMatch(f *testing.F) {
	f.Add(`and(gt(attributes/a,20.5),or(exists(features/F),in(thingId,"a:1",'a:2')),not(like(definition,"x:*")))`,
		`{"thingId":"a:1","attributes":{"a":[1e400,"21"]}}`, `{"features":{"F":{}}}`, "attributes", true)
	f.Add(`or(eq(attributes/a,"\ud83d\ude00"),gt(_modified,time:now-2d[d]),empty(features/F))`,
		`[{"attributes":null}]`, `{"{{ ~x~ }}":null,"a":{"b":null}}`, "features/F/properties", true)
	f.Add(`in(attributes/a,1,"1.0",true,time:now)`, `{"attributes":{"a":"\n\u0001"}}`, `5`, "", false)
	f.Add(`ilike(attributes/a/b,"*A?*")`, `{"attributes":{"a":[[{"b":"aä\n"}]]}}`, `"\ud83d"`, "attributes/a/b", false)
	f.Fuzz(func(t *testing.T, text, first, second, at string, patch bool) {
		x, err := Parse(text)
		if err != nil || CheckSignal(x) != nil {
			return
		}
		p, err := Compile(x)
		if err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Fatalf("error %v", err)
			}
			return
		}
		s := &Subject{Now: time.Unix(1_709_209_815, 0), Facts: facts{"topic:action": at, "_revision": "1"}, Layers: []Layer{
			{At: pointerOf(at), Value: []byte(second), Patch: patch}, {Value: []byte(first)},
		}}
		mustBeBounded(t, p, s)
		for i := range s.Layers {
			l := &s.Layers[i]
			if l.Value, err = document.Canonical(l.Value); err != nil {
				return
			}
		}
		got, err := p.Match(s)
		mustBeBounded(t, p, s)
		if !canBeCompared(text, s, at) || err != nil {
			return
		}
		if want := newNaive(t, s).holds(x); got != want {
			t.Fatalf("%s is %t for\n%s", text, got, described(s))
		}
	})
}

func mustBeBounded(t *testing.T, p *Predicate, s *Subject) {
	e := new(evaluation)
	e.match(p, s)
	size := 0
	for _, l := range s.Layers {
		size += len(l.Value)
	}
	if work := MaxWork - e.work; work > MaxWork+size {
		t.Fatalf("%d units of work", work)
	}
}

// canBeCompared tells whether the naive evaluation understands what it is given. It knows no times that are far away, no
// halves of surrogate pairs, which the package encoding/json replaces, and no regular expressions as names.
func canBeCompared(text string, s *Subject, at string) bool {
	if strings.Contains(text, timePrefix) {
		return false
	}
	if strings.Contains("/"+at+"/", "//") && at != "" || strings.ToValidUTF8(at, "") != at {
		return false
	}
	for _, l := range s.Layers {
		if len(l.Value) > 1<<12 || bytes.Contains(l.Value, []byte(`\ud`)) || bytes.Contains(l.Value, []byte("{{")) {
			return false
		}
	}
	return true
}
