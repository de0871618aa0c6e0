package thing

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// largeThing is a thing of 2 KB with a property count.
func largeThing(tb testing.TB) *State {
	var b strings.Builder
	b.WriteString(`{"thingId":"ns:t","policyId":"ns:t","definition":"ns:d:1","attributes":{`)
	for i := range 12 {
		fmt.Fprintf(&b, `"attribute-%d":{"location":"test location","value":%d},`, i, i)
	}
	b.WriteString(`"last":true},"features":{`)
	for i := range 14 {
		fmt.Fprintf(&b, `"feature-%d":{"definition":["ns:fd:1"],"properties":{"a":%d,"name":"text of some length"}},`, i, i)
	}
	b.WriteString(`"coffee-brewer":{"properties":{"brewed-coffees":0,"unit":"cups"}}}}`)
	st := &State{Revision: 41, Created: created, Modified: modified, Doc: []byte(b.String())}
	if n := len(st.Doc); n < 1900 || n > 2200 {
		tb.Fatalf("the thing has %d bytes", n)
	}
	return st
}

func benchmarkDecide(b *testing.B, rights, frame string) {
	st := largeThing(b)
	var env protocol.Envelope
	if err := protocol.Decode([]byte(frame), &env); err != nil {
		b.Fatal(err)
	}
	limits, who := Limits{MaxSize: DefaultMaxSize}, newWorld(me)
	who.permit("ns:t", rights)
	b.Run("command", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := NewCommand(&env); err != nil {
				b.Fatal(err)
			}
		}
	})
	c, err := NewCommand(&env)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("decide", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Decide(st, c, who, now, limits); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecideModifyProperty(b *testing.B) {
	benchmarkDecide(b, everything, `{"topic":"ns/t/things/twin/commands/modify","headers":{"correlation-id":"c"},`+
		`"path":"/features/coffee-brewer/properties/brewed-coffees","value":42}`)
}

func BenchmarkDecideMerge(b *testing.B) {
	benchmarkDecide(b, everything, `{"topic":"ns/t/things/twin/commands/merge","headers":{"content-type":"application/merge-patch+json"},`+
		`"path":"/","value":{"attributes":{"last":false},"features":{"coffee-brewer":{"properties":{"brewed-coffees":42}}}}}`)
}

// BenchmarkDecideMergeProperty merges deep into a thing.
func BenchmarkDecideMergeProperty(b *testing.B) {
	benchmarkDecide(b, everything, `{"topic":"ns/t/things/twin/commands/merge","headers":{"content-type":"application/merge-patch+json"},`+
		`"path":"/features/coffee-brewer/properties","value":{"brewed-coffees":42,"unit":null}}`)
}

func BenchmarkRetrieve(b *testing.B) {
	benchmarkDecide(b, everything, `{"topic":"ns/t/things/twin/commands/retrieve","headers":{"correlation-id":"c"},"path":"/"}`)
}

// BenchmarkRetrieveSelected retrieves a few fields of a thing, special ones among them.
func BenchmarkRetrieveSelected(b *testing.B) {
	benchmarkDecide(b, everything, `{"topic":"ns/t/things/twin/commands/retrieve","headers":{"correlation-id":"c"},"path":"/",`+
		`"fields":"thingId,_revision,attributes/last,features/*/properties/a"}`)
}

// BenchmarkDecideMergeRestricted merges with permissions on nothing but leaves.
func BenchmarkDecideMergeRestricted(b *testing.B) {
	benchmarkDecide(b, "+w /attributes/last +w /features/coffee-brewer/properties/brewed-coffees",
		`{"topic":"ns/t/things/twin/commands/merge","headers":{"content-type":"application/merge-patch+json"},`+
			`"path":"/","value":{"attributes":{"last":false},"features":{"coffee-brewer":{"properties":{"brewed-coffees":42}}}}}`)
}

// BenchmarkRetrieveReduced retrieves a thing of which something must not be read.
func BenchmarkRetrieveReduced(b *testing.B) {
	benchmarkDecide(b, "+r / -r /features/coffee-brewer", `{"topic":"ns/t/things/twin/commands/retrieve","path":"/"}`)
}
