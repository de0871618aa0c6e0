package rql

import (
	"sync"
	"testing"
	"time"
)

func TestMatchDoesNotAllocate(t *testing.T) {
	s := &Subject{Now: time.Unix(1_709_209_815, 5), Facts: facts{"topic:action": "modified", "_revision": "42"}, Layers: []Layer{
		{At: pointerOf("attributes/a"), Value: []byte(`{"b":[1.5,"x\n"]}`), Patch: true}, {Value: thing2K()},
	}}
	for _, text := range []string{
		`and(gt(features/sensor9/properties/temperature,20),eq(attributes/location/building,"A7"),like(thingId,"org.acme:machine-*"))`,
		`and(eq(topic:action,"modified"),gt(_revision,41),in(attributes/a/b,1,"1.50"),not(empty(features/sensor1)))`,
		`and(lt(attributes/location/floor,time:now_epoch_millis-1d[d]),lt(attributes/a/b,"x\r"),ne(attributes/serialNo,time:now))`,
	} {
		p, e := mustCompile(t, text), new(evaluation)
		if answer := e.match(p, s); answer != yes {
			t.Errorf("%s: the answer is %d", text, answer)
		}
		if n := testing.AllocsPerRun(100, func() { e.match(p, s) }); n > 0 {
			t.Errorf("%s allocates %v times", text, n)
		}
	}
}

// TestMatchIsConcurrent is for the race detector.
func TestMatchIsConcurrent(t *testing.T) {
	p := mustCompile(t, `and(in(attributes/a,1,time:now),like(attributes/b,"x*"),exists(features/F))`)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			want := i%2 == 0
			s := thing(`{"attributes":{"a":[1],"b":"xyz"},"features":{"F":{}}}`)
			if !want {
				s = thing(`{"attributes":{"a":[1.5],"b":"xyz"},"features":{"F":{}}}`)
			}
			for range 200 {
				if got, err := p.Match(s); got != want || err != nil {
					t.Errorf("%t, %v for %s", got, err, s.Layers[0].Value)
					return
				}
			}
		})
	}
	all.Wait()
}
