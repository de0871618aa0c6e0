package journal_test

import (
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/journal"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// The layout is on disks, so it is pinned here.
func TestAppend(t *testing.T) {
	path := protocol.Path{Kind: protocol.Attribute, Pointer: document.Pointer{"attributes", "a"}}
	for _, tt := range []struct {
		action protocol.Action
		value  string
		want   string
	}{
		{protocol.Created, `1`, "\x01c\x0d/attributes/a1"},
		{protocol.Modified, `{"b":2}`, "\x01m\x0d/attributes/a{\"b\":2}"},
		{protocol.Merged, `null`, "\x01p\x0d/attributes/anull"},
		{protocol.Deleted, ``, "\x01d\x0d/attributes/a"},
	} {
		if got := string(journal.Append(nil, tt.action, path, []byte(tt.value))); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.action, got, tt.want)
		}
	}
}

func TestWhole(t *testing.T) {
	created := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	entry := protocol.Path{Kind: protocol.PolicyEntry, Pointer: document.Pointer{"entries", "l"}}
	record := journal.AppendWhole([]byte("before")[:0], protocol.Modified, entry, created, []byte(`{"policyId":"ns:p"}`))
	at, doc, err := journal.Whole(record)
	if !at.Equal(created) || string(doc) != `{"policyId":"ns:p"}` || err != nil {
		t.Errorf("read back %s %s %v", at, doc, err)
	}
	for n := range record {
		// What is cut in the document is for others to notice.
		if _, doc, err := journal.Whole(record[:n]); err == nil && len(doc) == 0 && n != 2+1+len("/entries/l") {
			t.Errorf("cut at %d: read as a deletion", n)
		}
	}
	deleted := journal.AppendWhole(nil, protocol.Deleted, protocol.Path{}, time.Time{}, nil)
	if _, doc, err := journal.Whole(deleted); doc != nil || err != nil {
		t.Errorf("a deletion is read as %q %v", doc, err)
	}
	if _, _, err := journal.Whole(journal.Append(nil, protocol.Modified, entry, []byte(`1`))); err == nil {
		t.Error("a record of a part is read as a whole one")
	}
}

func FuzzWhole(f *testing.F) {
	f.Add(journal.AppendWhole(nil, protocol.Modified, protocol.Path{}, time.Unix(1, 2), []byte(`{}`)))
	f.Add([]byte{2, 'm', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(_ *testing.T, record []byte) { _, _, _ = journal.Whole(record) })
}
