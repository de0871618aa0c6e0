package jsonbench

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var decoders = []struct {
	name   string
	decode func(frame []byte, env *envelope) error
}{
	{"encoding-json", decodeStdlib},
	{"jsontext", decodeJSONText},
	{"gjson", decodeGJSON},
	{"document", decodeDocument},
}

var setters = []struct {
	name string
	set  func(doc []byte, path []string, value []byte) ([]byte, error)
}{
	{"encoding-json", setStdlib},
	{"jsontext", setJSONText},
	{"sjson", setSJSON},
	{"document", setDocument},
}

// frame is a command of 510 bytes.
const frame = `{"topic":"org.eclipse.ditto/test-thing-47/things/twin/commands/modify","headers":{"correlation-id":"5d3f2c1e-8a7b-4c6d-9e0f-1a2b3c4d5e6f",` +
	`"response-required":true,"content-type":"application/json","requested-acks":["twin-persisted"],"timeout":"10s","device-class":"brewer"},` +
	`"path":"/features/coffee-brewer/properties","value":{"brewed-coffees":4711,"temperature":{"value":92.75,"unit":"K"},` +
	`"state":"brewing \"espresso\"","beans":["arabica","robusta"],"maintenance":{"due":false,"last":"2026-08-18T18:32:56Z"}}}`

// path leads to a number in thing.
var path = []string{"features", "lamp-7", "properties", "reading", "value"}

// thing is a document of about 2 KB.
var thing = func() []byte {
	var b strings.Builder
	b.WriteString(`{"thingId":"org.eclipse.ditto:lamp-post-17","policyId":"org.eclipse.ditto:lamps","definition":"org.eclipse.ditto:lamp:1.2.0",` +
		`"attributes":{"manufacturer":"ACME demo corp.","model":"Große Straßenleuchte","location":{"latitude":44.673856,"longitude":8.261719},` +
		`"serialno":"42","tags":["street","night","LED"]},"features":{`)
	for i := range 10 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"lamp-%d":{"definition":["org.eclipse.ditto:lamp:1.0.0"],"properties":{"on":true,"color":{"red":%d,"green":100,"blue":5},`+
			`"reading":{"value":%d.25,"unit":"lm"}}}`, i, i*20, i*100)
	}
	b.WriteString(`}}`)
	return []byte(b.String())
}()

func TestSize(t *testing.T) {
	if len(frame) != 510 {
		t.Errorf("the frame has %d bytes", len(frame))
	}
	if len(thing) < 1900 || len(thing) > 2100 {
		t.Errorf("the thing has %d bytes", len(thing))
	}
}

func TestDecodersAgree(t *testing.T) {
	var want envelope
	if err := decoders[0].decode([]byte(frame), &want); err != nil {
		t.Fatal(err)
	}
	for _, d := range decoders[1:] {
		var got envelope
		if err := d.decode([]byte(frame), &got); err != nil {
			t.Errorf("%s: %v", d.name, err)
		}
		slices.SortFunc(got.headers, func(a, b header) int { return strings.Compare(a.name, b.name) })
		if !reflect.DeepEqual(got.headers, want.headers) || got.topic != want.topic || got.path != want.path || string(got.value) != string(want.value) {
			t.Errorf("%s: got %s", d.name, got)
		}
		if err := d.decode([]byte(frame[:500]), &got); err == nil {
			t.Errorf("%s accepts a frame without its end", d.name)
		}
	}
}

func TestSettersAgree(t *testing.T) {
	want := strings.Replace(string(thing), "700.25", "4711", 1)
	for _, s := range setters {
		got, err := s.set(thing, path, []byte("4711"))
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		if s.name == "encoding-json" { // sorts members
			var a, b any
			if json.Unmarshal(got, &a) != nil || json.Unmarshal([]byte(want), &b) != nil || !reflect.DeepEqual(a, b) {
				t.Errorf("%s: got %s", s.name, got)
			}
			continue
		}
		if string(got) != want {
			t.Errorf("%s: got %s", s.name, got)
		}
	}
}

func BenchmarkDecodeEnvelope(b *testing.B) {
	for _, d := range decoders {
		b.Run(d.name, func(b *testing.B) {
			src := []byte(frame)
			var env envelope
			b.ReportAllocs()
			for b.Loop() {
				if err := d.decode(src, &env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSet(b *testing.B) {
	for _, s := range setters {
		b.Run(s.name, func(b *testing.B) {
			value := []byte("4711")
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.set(thing, path, value); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
