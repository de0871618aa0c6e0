package journal_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/journal"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
)

var (
	attribute = protocol.Path{Kind: protocol.Attribute, Pointer: document.Pointer{"attributes", "a"}}
	// created and changed are 2 and 1000 seconds after 1970.
	created = time.Unix(2, 3).UTC()
	changed = time.Unix(1000, 0).UTC()
)

// filler is long enough for a splice to be worth while, and nowhere the same.
var filler = func() (text string) {
	for n := range 20 {
		text += fmt.Sprintf("%04d,", n*n)
	}
	return text
}()

// record returns an entity at a revision.
func record(revision int64, meta, doc string) *store.Record {
	return &store.Record{Revision: revision, Created: created, Modified: changed, Meta: bytesOf(meta), Doc: bytesOf(doc)}
}

func bytesOf(text string) []byte {
	if text == "" {
		return nil
	}
	return []byte(text)
}

func gone(revision int64) *store.Record {
	return &store.Record{Revision: revision, Modified: changed, Deleted: true}
}

// with changes a record.
func with(r *store.Record, change func(*store.Record)) *store.Record {
	change(r)
	return r
}

// The layout is on disks, so it is pinned here. The flags are: 1 whole, 2
// deleted, 4 value, 8 place, 16 created, 32 meta, 64 doc.
func TestLayout(t *testing.T) {
	const head = "\x0d/attributes/a"
	for name, tt := range map[string]struct {
		action        protocol.Action
		value         string
		before, after *store.Record
		want          string
	}{
		"first": {
			protocol.Created, `1`, nil, record(1, "", `{"a":1}`),
			"\x03c\x55" + head + "\x011" + "\x04\x03" + `{"a":1}`,
		},
		"with metadata": {
			protocol.Created, `1`, nil, record(1, "{}", `{"a":1}`),
			"\x03c\x75" + head + "\x011" + "\x04\x03" + "\x02{}" + `{"a":1}`,
		},
		"never created": {
			protocol.Created, `1`, nil, &store.Record{Revision: 1, Doc: []byte(`{"a":1}`)},
			"\x03c\x45" + head + "\x011" + `{"a":1}`,
		},
		"the value is the document": {
			protocol.Created, `{"a":1234}`, nil, record(1, "", `{"a":1234}`),
			"\x03c\x59" + head + "\x00\x0a" + "\x04\x03" + `{"a":1234}`,
		},
		"the value lies in the document": {
			protocol.Modified, `"12345678"`, record(16, "", filler), record(17, "", `{"a":"12345678"}`),
			"\x03m\x59" + head + "\x05\x0a" + "\x04\x03" + `{"a":"12345678"}`,
		},
		"the value is the document, which is spliced": {
			protocol.Modified, filler + "123", record(2, "", filler+"2"), record(3, "", filler+"123"),
			"\x03m\x44" + head + "\x67" + filler + "123" + "\x64\x00" + "123",
		},
		"splice": {
			protocol.Modified, `23`, record(2, "", filler+`"1"`), record(3, "", filler+`"23"`),
			"\x03m\x44" + head + "\x0223" + "\x65\x01" + "23",
		},
		"splice in the midst": {
			protocol.Modified, `2`, record(2, "", filler+`1xxxxxxxx1 abcdefghijklm`), record(3, "", filler+`2xxxxxxxx2 abcdefghijklm`),
			"\x03m\x44" + head + "\x012" + "\x64\x0e" + "2xxxxxxxx2",
		},
		"splice at the beginning": {
			protocol.Modified, `2`, record(2, "", `1`+filler), record(3, "", `234`+filler),
			"\x03m\x44" + head + "\x012" + "\x00\x64" + "234",
		},
		"splice of a beginning that is as long": {
			protocol.Modified, `2`, record(2, "", `1`+filler[:30]+`1`+filler), record(3, "", `2`+filler[:30]+`2`+filler),
			"\x03m\x44" + head + "\x012" + "\x00\x64" + "2" + filler[:30] + "2",
		},
		"splice that takes out": {
			protocol.Deleted, ``, record(2, "", filler+`,1`), record(3, "", filler),
			"\x03d\x40" + head + "\x64\x00",
		},
		"splice of both": {
			protocol.Merged, `null`, record(2, filler+"1", filler+"2"), record(3, filler+"34", filler),
			"\x03p\x64" + head + "\x04null" + "\x64\x00\x0234" + "\x64\x00",
		},
		"splice of metadata": {
			protocol.Modified, `2`, record(2, filler+"1", filler), record(3, filler+"3", filler),
			"\x03m\x24" + head + "\x012" + "\x64\x00\x013",
		},
		"nothing changes": {
			protocol.Modified, `2`, record(2, "", filler), record(3, "", filler),
			"\x03m\x04" + head + "\x012",
		},
		"created changes": {
			protocol.Modified, `2`, record(2, "", filler), with(record(3, "", filler), func(r *store.Record) { r.Created = time.Unix(-1, 4) }),
			"\x03m\x14" + head + "\x012" + "\x01\x04",
		},
		"splice that is not shorter": {
			protocol.Modified, `2`, record(2, "", `{"a":1}`), record(3, "", `["b"]`),
			"\x03m\x55" + head + "\x012" + "\x04\x03" + `["b"]`,
		},
		"first of a run": {
			protocol.Modified, `2`, record(16, "", filler), record(17, "", filler),
			"\x03m\x55" + head + "\x012" + "\x04\x03" + filler,
		},
		"after a pause": {
			protocol.Modified, `2`, with(record(2, "", filler), func(r *store.Record) { r.Modified = changed.Add(-30 * time.Minute) }), record(3, "", filler),
			"\x03m\x55" + head + "\x012" + "\x04\x03" + filler,
		},
		"before the pause is over": {
			protocol.Modified, `2`, with(record(2, "", filler), func(r *store.Record) { r.Modified = changed.Add(-30*time.Minute + 1) }), record(3, "", filler),
			"\x03m\x04" + head + "\x012",
		},
		"after the clock was set back": {
			protocol.Modified, `2`, with(record(2, "", filler), func(r *store.Record) { r.Modified = changed.Add(1) }), record(3, "", filler),
			"\x03m\x55" + head + "\x012" + "\x04\x03" + filler,
		},
		"deleted": {
			protocol.Deleted, ``, record(2, "", filler), gone(3),
			"\x03d\x03" + head,
		},
		"created again": {
			protocol.Created, `1`, gone(3), record(4, "", filler),
			"\x03c\x55" + head + "\x011" + "\x04\x03" + filler,
		},
		"created again as nothing": {
			protocol.Created, `1`, gone(3), record(4, "", ""),
			"\x03c\x15" + head + "\x011" + "\x04\x03",
		},
	} {
		got := journal.AppendChange([]byte("before"), tt.action, attribute, bytesOf(tt.value), tt.before, tt.after)
		if diff := cmp.Diff("before"+tt.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		checkRead(t, name, got[len("before"):], tt.action, tt.value)
		checkReplay(t, name, got[len("before"):], tt.before, tt.after)
	}
}

// checkRead checks what is told of a change.
func checkRead(t *testing.T, name string, payload []byte, action protocol.Action, value string) {
	t.Helper()
	got, err := journal.Read(payload)
	want := journal.Change{Action: action, Path: "/attributes/a", Value: bytesOf(value)}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%s: error %v, change (-want +got):\n%s", name, err, diff)
	}
}

// checkReplay checks that the entity after an event comes out of the one
// before, if there was one.
func checkReplay(t *testing.T, name string, payload []byte, before, after *store.Record) {
	t.Helper()
	var y journal.Replay
	if before != nil {
		whole := journal.AppendChange(nil, protocol.Modified, attribute, nil, nil, before)
		if err := y.Add(store.Event{Revision: before.Revision, Time: before.Modified, Payload: whole}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := y.Add(store.Event{Revision: after.Revision, Time: after.Modified, Payload: payload}); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	clear(payload) // it was lent
	want := *after
	if !want.Created.IsZero() {
		want.Created = want.Created.UTC()
	}
	if diff := cmp.Diff(&want, y.Record()); diff != "" {
		t.Errorf("%s: entity (-want +got):\n%s", name, diff)
	}
}

// An event that builds on an entity which is not the one before it leads to
// nothing, until one comes that keeps the entity whole.
func TestReplayGap(t *testing.T) {
	event := func(before, after *store.Record) store.Event {
		return store.Event{
			Revision: after.Revision, Time: after.Modified,
			Payload: journal.AppendChange(nil, protocol.Modified, attribute, nil, before, after),
		}
	}
	all := []*store.Record{nil}
	for r := int64(1); r < 20; r++ {
		all = append(all, record(r, "", fmt.Sprint(filler, r)))
	}
	var y journal.Replay
	for _, step := range []struct {
		revision int
		want     error
	}{
		{1, nil},
		{2, nil},
		{4, journal.ErrGap},
		{3, journal.ErrGap}, // what it was is forgotten
		{17, nil},
		{18, nil},
		{18, journal.ErrGap}, // twice
		{1, nil},
	} {
		if y.Record() == nil && step.want == nil && step.revision == 2 {
			t.Fatal("no record")
		}
		err := y.Add(event(all[step.revision-1], all[step.revision]))
		if !errors.Is(err, step.want) || (y.Record() == nil) != (step.want != nil) {
			t.Errorf("revision %d: error %v, record %v", step.revision, err, y.Record())
		}
		if r := y.Record(); r != nil {
			if diff := cmp.Diff(all[step.revision], r); diff != "" {
				t.Error(diff)
			}
		}
	}
}

// Records that nobody has written are refused.
func TestUnreadable(t *testing.T) {
	const head = "\x0d/attributes/a"
	for name, payload := range map[string]string{
		"empty":                     "",
		"no flags":                  "\x03m",
		"version 1":                 "\x01m" + head + "1",
		"version 2":                 "\x02m" + head,
		"version 4":                 "\x04m\x00" + head,
		"unknown action":            "\x03x\x00" + head,
		"unknown flag":              "\x03m\x80" + head,
		"deleted splice":            "\x03m\x02" + head,
		"place in a splice":         "\x03m\x48" + head + "\x00\x00" + "\x00\x00" + "x",
		"place without document":    "\x03m\x09" + head + "\x00\x00",
		"value and place":           "\x03m\x4d" + head + "\x00" + "\x00\x00",
		"place after the document":  "\x03m\x49" + head + "\x03\x00" + "{}",
		"place beyond its end":      "\x03m\x49" + head + "\x01\x02" + "{}",
		"path too long":             "\x03m\x00\x0e/attributes/a",
		"no path":                   "\x03m\x00",
		"value too long":            "\x03m\x04" + head + "\x021",
		"length that does not end":  "\x03m\x04" + head + "\xff",
		"enormous length":           "\x03m\x04" + head + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
		"created without end":       "\x03m\x10" + head + "\x04",
		"a thousand million nanos":  "\x03m\x10" + head + "\x04\x80\x94\xeb\xdc\x03",
		"metadata too long":         "\x03m\x21" + head + "\x03{}",
		"splice without suffix":     "\x03m\x40" + head + "\x00",
		"something after the value": "\x03m\x04" + head + "\x0112",
	} {
		if c, err := journal.Read([]byte(payload)); !errors.Is(err, journal.ErrRecord) {
			t.Errorf("%s: read as %+v, error %v", name, c, err)
		}
		var y journal.Replay
		if err := y.Add(store.Event{Revision: 1, Payload: []byte(payload)}); !errors.Is(err, journal.ErrRecord) || y.Record() != nil {
			t.Errorf("%s: replayed as %+v, error %v", name, y.Record(), err)
		}
	}
}

// A splice must fit the entity that it is for.
func TestSpliceDoesNotFit(t *testing.T) {
	for _, splice := range []string{
		"\x40\x01/\x65\x00", "\x40\x01/\x00\x65", "\x40\x01/\x33\x32", "\x20\x01/\x01\x00\x00", "\x20\x01/\x00\x01\x00",
		"\x40\x01/\xff\xff\xff\xff\x07\xff\xff\xff\xff\x07",
	} {
		var y journal.Replay
		whole := journal.AppendChange(nil, protocol.Modified, attribute, nil, nil, record(1, "", filler))
		if err := y.Add(store.Event{Revision: 1, Payload: whole}); err != nil {
			t.Fatal(err)
		}
		if err := y.Add(store.Event{Revision: 2, Payload: []byte("\x03m" + splice)}); !errors.Is(err, journal.ErrRecord) || y.Record() != nil {
			t.Errorf("%q: record %+v, error %v", splice, y.Record(), err)
		}
	}
}

// What is spliced costs little.
func TestSize(t *testing.T) {
	doc := func(n int) string {
		return fmt.Sprintf(`{"a":%q,"b":%d,"c":%q}`, filler, n, strings.Repeat(filler, 20))
	}
	for r := int64(2); r <= 50; r++ {
		before, after := record(r-1, "", doc(int(r-1))), record(r, "", doc(int(r)))
		got := len(journal.AppendChange(nil, protocol.Modified, attribute, fmt.Append(nil, r), before, after))
		if whole := r%journal.Stride == 1; whole != (got > 2000) || !whole && got > 40 {
			t.Errorf("revision %d takes %d bytes", r, got)
		}
	}
}

func BenchmarkAppendChange(b *testing.B) {
	doc := func(n int) string {
		return fmt.Sprintf(`{"a":%q,"b":%d,"c":%q}`, strings.Repeat(filler, 10), n, strings.Repeat(filler, 10))
	}
	for name, revision := range map[string]int64{"whole": 17, "splice": 18} {
		b.Run(name, func(b *testing.B) {
			before, after := record(revision-1, "", doc(1)), record(revision, "", doc(2))
			b.ReportAllocs()
			for b.Loop() {
				journal.AppendChange(nil, protocol.Modified, attribute, []byte("2"), before, after)
			}
		})
	}
}
