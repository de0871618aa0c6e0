package dittows

import (
	"strconv"
	"testing"
)

// The events of what this end has done are known as such: by revision if it was answered, by what they say if not.
func TestOwn(t *testing.T) {
	o := newOwn(2)
	heard := func(thing, path, value string, revision int64) *event {
		e, err := readEvent([]byte(`{"topic":"a/`+thing+`/things/twin/events/modified","path":"`+path+`","value":`+value+`,"revision":`+
			strconv.FormatInt(revision, 10)+`}`), "in")
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	ask := func(path, value string) uint64 {
		e := heard("x", path, value, 1)
		what := o.what(&e.env)
		o.tried("a:x", what)
		return what
	}
	is := func(want bool, e *event) {
		t.Helper()
		if got := o.did(e); got != want {
			t.Errorf("%s %s at %d: %t", e.env.Path, e.env.Value, e.revision, got)
		}
	}
	one := ask("/attributes/n", "1")
	is(true, heard("x", "/attributes/n", "1", 7)) // it may be on its way
	is(false, heard("x", "/attributes/n", "2", 7))
	is(false, heard("x", "/attributes/m", "1", 7))
	is(false, heard("y", "/attributes/n", "1", 7))
	o.made("a:x", one, 5)
	is(true, heard("x", "/attributes/n", "3", 5)) // whatever it says
	is(false, heard("x", "/attributes/n", "1", 7))

	// One that was not answered was made before those that were asked for later, or not at all.
	ask("/attributes/n", "4")
	again := ask("/attributes/n", "4")
	o.made("a:x", again, 9)
	is(true, heard("x", "/attributes/n", "4", 8))
	is(false, heard("x", "/attributes/n", "4", 10))
	is(true, heard("x", "/attributes/z", "0", 9))

	refused := ask("/attributes/n", "5")
	o.refused("a:x", refused)
	is(false, heard("x", "/attributes/n", "5", 11))

	for revision := int64(10); revision < 13; revision++ {
		o.made("a:x", 0, revision)
	}
	if !o.didAll("a:x", 9, 12) || o.didAll("a:x", 8, 12) || o.didAll("a:x", 9, 13) || o.didAll("a:y", 9, 12) {
		t.Error("9 to 12 are its own, and nothing else")
	}
}

// It is bounded: in things, and in what is remembered of each.
func TestOwnIsBounded(t *testing.T) {
	o := newOwn(10)
	for i := range 1000 {
		thing := "a:" + strconv.Itoa(i)
		for n := range 100 {
			o.tried(thing, uint64(n))
			o.made(thing, 1000, int64(2*n+1))
		}
	}
	if o.things.len() != 10 || o.things.order.Len() != 10 {
		t.Errorf("%d things are remembered", o.things.len())
	}
	if d := o.things.touch("a:999"); len(d.spans) > maxSpans || len(d.tries) > maxTries {
		t.Errorf("%d spans and %d tries are", len(d.spans), len(d.tries))
	}
}
