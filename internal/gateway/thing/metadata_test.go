package thing

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Which keys of put-metadata with wildcards there are at which paths. What a path has no rule for has only */k.
func TestWildcardForms(t *testing.T) {
	root := "attributes/*/k features/*/definition/k features/*/properties/*/k features/*/properties/p/k features/f/properties/*/k " +
		"features/*/desiredProperties/*/k features/*/desiredProperties/p/k features/f/desiredProperties/*/k"
	features := "*/definition/k */properties/*/k */properties/p/k f/properties/*/k */desiredProperties/*/k */desiredProperties/p/k f/desiredProperties/*/k"
	feature := "properties/*/k desiredProperties/*/k"
	forms := map[string]string{"/": root, "/features": features, "/features/f": feature}
	others := "* */* k/* */k/l */k/* a/*/k */a/*/k attributes/* attributes/*/* attributes/a/*/k attributes/*/k/l features/*/k features/*/*/*/k features/*/other/*/k " +
		"features/*/definition/* features/*/definition/k/l features/f/definition/* features/*/properties/* features/*/properties/*/* " +
		"features/*/properties/*/k/l features/*/properties/p/* properties/*/* properties/*/k/l definition/*/k thingId/*/k features/f/*/p/k"
	for _, path := range []string{
		"/", "/policyId", "/definition", "/attributes", "/attributes/a", "/features", "/features/f", "/features/f/definition", "/features/f/properties",
		"/features/f/properties/p", "/features/f/desiredProperties", "/features/f/desiredProperties/p",
	} {
		p, err := protocol.ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		served := strings.Fields("*/k " + forms[path])
		for key := range strings.FieldsSeq("*/k " + root + " " + features + " " + feature + " " + others) {
			want := false
			for _, form := range served {
				want = want || form == key
			}
			tags, refused := newTags(p.Kind, []protocol.MetadataEntry{{Key: pointer(t, key), Value: []byte("1")}})
			if want != (refused == nil) || want && !tags[0].wild {
				t.Errorf("%s at %s: %v, want it served: %t", key, path, refused, want)
			}
			if refused != nil && (codeOf(refused) != "400 header.invalid" || !strings.Contains(refused.Description, `"/`+key+`"`)) {
				t.Errorf("%s at %s is refused with %v", key, path, refused)
			}
		}
	}
}

func TestTagsWithWildcardsAreFew(t *testing.T) {
	entries := make([]protocol.MetadataEntry, 0, maxWildcardTags+2)
	for range maxWildcardTags {
		entries = append(entries, protocol.MetadataEntry{Key: document.Pointer{"*", "k"}}, protocol.MetadataEntry{Key: document.Pointer{"k"}})
	}
	if tags, err := newTags(protocol.Attribute, entries); err != nil || len(tags) != len(entries) {
		t.Errorf("%d tags: %v", len(tags), err)
	}
	entries = append(entries, protocol.MetadataEntry{Key: document.Pointer{"*", "k"}})
	if _, err := newTags(protocol.Attribute, entries); codeOf(err) != "400 header.invalid" {
		t.Errorf("one more: %v", err)
	}
}

// decideAt has nginx:me do something to a thing.
func decideAt(t *testing.T, st *State, limit int, frame string) (Outcome, *protocol.Error) {
	t.Helper()
	return decideFrame([]byte(frame), st, Limits{MaxSize: limit}, newWorld(me))
}

// However much a client asks for, no more than a few times the limit is written.
func TestMetadataStopsGrowing(t *testing.T) {
	const limit = 1000
	names := make([]string, 50)
	for i := range names {
		names[i] = fmt.Sprintf(`"a%d":1`, i)
	}
	value, text := `{`+strings.Join(names, ",")+`}`, `"`+strings.Repeat("x", 2000)+`"`
	for name, header := range map[string]string{
		"many leaves": `[{"key":"*/k","value":` + text + `}]`,
		"many keys":   `[{"key":"k","value":` + text + `},{"key":"l/m","value":` + text + `},{"key":"n","value":` + text + `},{"key":"o","value":` + text + `}]`,
	} {
		_, err := decideAt(t, fixtures["bare"], limit, `{"topic":"ns/t/things/twin/commands/modify","headers":{"put-metadata":`+header+`},`+
			`"path":"/attributes","value":`+value+`}`)
		if codeOf(err) != "413 things:thing.toolarge" {
			t.Fatalf("%s: %v", name, err)
		}
		var size int
		if _, scanned := fmt.Sscanf(err.Message, "The thing would have a size of %d,", &size); scanned != nil {
			t.Fatal(scanned)
		}
		if size > 3*limit+len(value)+len(text)+200 {
			t.Errorf("%s: %d characters were written", name, size)
		}
	}
}

func TestMetadataNestsNotTooDeeply(t *testing.T) {
	const names = 50
	key := strings.Repeat("k/", names)
	for depth, refused := range map[int]bool{document.MaxDepth - names - 1: false, document.MaxDepth - names: true} {
		value := strings.Repeat("[", depth) + strings.Repeat("]", depth)
		o, err := decideAt(t, fixtures["bare"], DefaultMaxSize, `{"topic":"ns/t/things/twin/commands/modify","path":"/attributes","value":{},`+
			`"headers":{"put-metadata":[{"key":"`+key+`","value":`+value+`}]}}`)
		if (err != nil) != refused || refused && codeOf(err) != "400 header.invalid" {
			t.Errorf("%d levels: %v", depth, err)
		}
		if err == nil && document.Valid(o.State.Meta) != nil {
			t.Errorf("metadata of %d levels is not valid", depth)
		}
	}
}

// What is told of a thing shares no memory with the message that it came in.
func TestMetadataIsCopied(t *testing.T) {
	for _, frame := range []string{
		`{"topic":"ns/t/things/twin/commands/create","path":"/","value":{"policyId":"ns:p","_metadata":{"by":"me"}}}`,
		`{"topic":"ns/t/things/twin/commands/create","path":"/","value":{"policyId":"ns:p"},"headers":{"put-metadata":[{"key":"by","value":"me"}]}}`,
	} {
		text := []byte(frame)
		o, err := decideFrame(text, nil, Limits{MaxSize: DefaultMaxSize}, newWorld(me))
		if err != nil {
			t.Fatal(err)
		}
		clear(text)
		if got := string(o.State.Meta); got != `{"by":"me"}` {
			t.Errorf("the metadata became %q", got)
		}
	}
}

// Metadata of a part that is no object has nothing below to be selected.
func TestMetadataThatIsNoObject(t *testing.T) {
	st := &State{Revision: 7, Doc: []byte(lamp), Meta: []byte(`{"attributes":{"a":5}}`)}
	o, err := decideAt(t, st, DefaultMaxSize, `{"topic":"ns/t/things/twin/commands/modify","path":"/attributes/a","value":2,"headers":{"delete-metadata":"*"}}`)
	if err != nil || string(o.State.Meta) != string(st.Meta) {
		t.Errorf("%v, metadata %s", err, metaOf(o.State))
	}
	o, err = decideAt(t, st, DefaultMaxSize, `{"topic":"ns/t/things/twin/commands/retrieve","path":"/attributes/a","headers":{"get-metadata":"*"}}`)
	if err != nil || string(o.Response.Metadata) != `{}` {
		t.Errorf("%v, told %s", err, o.Response.Metadata)
	}
}

// BenchmarkDecideModifyTagged modifies a property of a thing that has metadata everywhere, and tags it.
func BenchmarkDecideModifyTagged(b *testing.B) {
	st := largeThing(b)
	everywhere := tag{key: document.Pointer{"*", "at"}, leaves: true, wild: true}
	st.Meta, _ = document.SetAll(nil, everywhere.places(st.Doc, false), []byte(`"2026-11-21T18:00:00Z"`), DefaultMaxSize)
	for name, header := range map[string]string{"put": `"put-metadata":[{"key":"*/at","value":"2026-11-21T18:30:00Z"}]`, "none": `"a":"b"`} {
		b.Run(name, func(b *testing.B) {
			var env protocol.Envelope
			frame := `{"topic":"ns/t/things/twin/commands/modify","headers":{` + header + `},"path":"/features/coffee-brewer/properties/brewed-coffees","value":42}`
			if err := protocol.Decode([]byte(frame), &env); err != nil {
				b.Fatal(err)
			}
			c, err := NewCommand(&env)
			if err != nil {
				b.Fatal(err)
			}
			who := newWorld(me)
			who.permit("ns:t", everything)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decide(st, c, who, now, Limits{MaxSize: DefaultMaxSize}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
