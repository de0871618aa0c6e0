package journal_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/journal"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
)

// FuzzRecord reads and replays anything, on top of an entity. Nothing but
// ErrRecord and ErrGap comes of it, and nothing larger than what there was.
func FuzzRecord(f *testing.F) {
	before := record(2, `{"m":1}`, filler)
	for _, after := range []*store.Record{record(3, `{"m":2}`, filler+"1"), record(3, "", filler), record(17, `{"m":2}`, filler), gone(3)} {
		f.Add(journal.AppendChange(nil, protocol.Modified, attribute, []byte(`1`), before, after))
		f.Add(journal.AppendChange(nil, protocol.Deleted, attribute, nil, before, after))
		f.Add(journal.AppendChange(nil, protocol.Created, attribute, after.Doc, nil, after))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		change, err := journal.Read(payload)
		if err != nil && !errors.Is(err, journal.ErrRecord) {
			t.Fatal(err)
		}
		if len(change.Path)+len(change.Value) > len(payload) {
			t.Fatalf("%d bytes of value from %d", len(change.Value), len(payload))
		}
		var y journal.Replay
		begin := journal.AppendChange(nil, protocol.Modified, attribute, nil, nil, before)
		if err := y.Add(store.Event{Revision: 2, Payload: begin}); err != nil {
			t.Fatal(err)
		}
		switch err := y.Add(store.Event{Revision: 3, Payload: payload}); {
		case err != nil && (!errors.Is(err, journal.ErrRecord) || y.Record() != nil):
			t.Fatalf("record %+v, error %v", y.Record(), err)
		case err == nil && len(y.Record().Doc)+len(y.Record().Meta) > len(before.Doc)+len(before.Meta)+len(payload):
			t.Fatalf("%d bytes from %d", len(y.Record().Doc), len(payload))
		}
	})
}

// FuzzRoundTrip makes an entity of another one.
func FuzzRoundTrip(f *testing.F) {
	f.Add(int64(3), "m", "doc", "m2", "dic", "value")
	f.Add(int64(2), "", filler+"1", "x", filler, filler)
	f.Add(int64(17), "", "12345678", "x", "ababababab", "ababababab")
	f.Add(int64(17), "", "aaaaaaaaaaaa", "", "aaaaaaaaaaa", "")
	f.Fuzz(func(t *testing.T, revision int64, metaBefore, docBefore, metaAfter, docAfter, value string) {
		if revision < 2 {
			return
		}
		before, after := record(revision-1, metaBefore, docBefore), record(revision, metaAfter, docAfter)
		payload := journal.AppendChange(nil, protocol.Modified, attribute, bytesOf(value), before, after)
		checkRead(t, "", payload, protocol.Modified, value)
		if most := 100 + len(metaAfter) + len(docAfter) + len(value); len(payload) > most {
			t.Errorf("%d bytes, at most %d are expected", len(payload), most)
		}
		checkReplay(t, "", payload, before, after)
		if diff := cmp.Diff(record(revision, metaAfter, docAfter), after); diff != "" {
			t.Error(diff)
		}
	})
}
