package query

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// sealOf returns a seal with a secret of its own for each letter.
func sealOf(t testing.TB, letter byte) *Seal {
	t.Helper()
	s, err := NewSeal(bytes.Repeat([]byte{letter}, 16))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSecrets(t *testing.T) {
	if _, err := NewSeal(make([]byte, 15)); err == nil {
		t.Error("a short secret is accepted")
	}
}

// page returns the query for a page.
func page(t testing.TB, p protocol.SearchParameters) *Query {
	t.Helper()
	q, err := Page(p, sealOf(t, 's'))
	if err != nil {
		t.Fatalf("%+v: %s", p, err.Description)
	}
	return q
}

var first = protocol.SearchParameters{
	Filter: "like(attributes/a,'x*')", HasFilter: true, Options: "sort(-attributes/a,+policyId),size(7)", Namespaces: []string{"b", "a"},
}

var last = Position{Values: [][]byte{{5, 0, 0xFF, ')'}, nil}, ID: "a:thing"}

// A cursor is enough to go on with a search.
func TestCursorAlone(t *testing.T) {
	begun := page(t, first)
	cursor := begun.Cursor(last, sealOf(t, 's'))
	q := page(t, protocol.SearchParameters{Options: "cursor(" + cursor + ")", Fields: "thingId", HasFields: true})
	if q.Filter.String() != first.Filter || q.Size != 7 || q.Paging != ByCursor || !q.HasFields {
		t.Errorf("got %+v", q)
	}
	if diff := cmp.Diff(begun.Sort, q.Sort) + cmp.Diff(begun.Namespaces, q.Namespaces) + cmp.Diff(&last, q.After); diff != "" {
		t.Error(diff)
	}
}

// What comes after a cursor's page has a cursor, too.
func TestCursorsOfCursors(t *testing.T) {
	q := page(t, protocol.SearchParameters{})
	for i := range 3 {
		at := Position{ID: fmt.Sprint("n:", i)}
		q = page(t, protocol.SearchParameters{Options: "cursor(" + q.Cursor(at, sealOf(t, 's')) + ")"})
		if q.After.ID != at.ID || q.Filter != nil || len(q.Namespaces) > 0 || describe(q) != "+thingId 25" {
			t.Errorf("got %+v", q)
		}
	}
}

// A value that there is not is another than one without bytes.
func TestValuesOfPositions(t *testing.T) {
	begun := page(t, first)
	for _, values := range [][][]byte{{nil, nil}, {{}, nil}, {nil, {}}, {{}, {}}, {{0}, {1}}} {
		cursor := begun.Cursor(Position{Values: values, ID: "a:b"}, sealOf(t, 's'))
		q := page(t, protocol.SearchParameters{Options: "cursor(" + cursor + ")"})
		if diff := cmp.Diff(values, q.After.Values); diff != "" {
			t.Error(diff)
		}
	}
	short := begun.Cursor(Position{ID: "a:b"}, sealOf(t, 's'))
	if q := page(t, protocol.SearchParameters{Options: "cursor(" + short + ")"}); len(q.After.Values) != 2 || q.After.Values[0] != nil {
		t.Errorf("a position without values became %q", q.After.Values)
	}
}

// Protocol rule: what is repeated beside a cursor must be what it was. The size may differ.
func TestWhatIsRepeatedWithACursor(t *testing.T) {
	cursor := page(t, first).Cursor(last, sealOf(t, 's'))
	bare := page(t, protocol.SearchParameters{}).Cursor(Position{ID: "a:b"}, sealOf(t, 's'))
	for name, tc := range map[string]struct {
		cursor string
		change func(p *protocol.SearchParameters)
		want   string // in the error
	}{
		"everything":                {cursor, func(p *protocol.SearchParameters) { *p = first; p.Options = "sort(-attributes/a,+policyId)" }, ""},
		"the order with the id":     {cursor, func(p *protocol.SearchParameters) { p.Options = "sort(-attributes/a,+policyId,+thingId)" }, ""},
		"namespaces in other order": {cursor, func(p *protocol.SearchParameters) { p.Namespaces = []string{"a", "b", "a"} }, ""},
		"another size":              {cursor, func(p *protocol.SearchParameters) { p.Options = "size(9)" }, ""},
		"the default order":         {bare, func(p *protocol.SearchParameters) { p.Options = "sort(+thingId)" }, ""},
		"another filter": {cursor, func(p *protocol.SearchParameters) { p.Filter, p.HasFilter = "like(attributes/a,\"x*\")", true },
			"another filter"},
		"a filter where there was none": {bare, func(p *protocol.SearchParameters) { p.Filter, p.HasFilter = "exists(policyId)", true },
			"another filter"},
		"an empty filter where there was none": {bare, func(p *protocol.SearchParameters) { p.HasFilter = true }, "another filter"},
		"an empty filter":                      {cursor, func(p *protocol.SearchParameters) { p.HasFilter = true }, "another filter"},
		"other namespaces":                     {cursor, func(p *protocol.SearchParameters) { p.Namespaces = []string{"a"} }, "other namespaces"},
		"namespaces where there were none":     {bare, func(p *protocol.SearchParameters) { p.Namespaces = []string{"a"} }, "other namespaces"},
		"another direction":                    {cursor, func(p *protocol.SearchParameters) { p.Options = "sort(+attributes/a,+policyId)" }, "another sort order"},
		"another order":                        {cursor, func(p *protocol.SearchParameters) { p.Options = "sort(-attributes/a)" }, "another sort order"},
		"the other end":                        {bare, func(p *protocol.SearchParameters) { p.Options = "sort(-thingId)" }, "another sort order"},
		"a limit":                              {bare, func(p *protocol.SearchParameters) { p.Options = "limit(0,5)" }, "With limit"},
	} {
		var p protocol.SearchParameters
		tc.change(&p)
		p.Options = strings.TrimPrefix(p.Options+",cursor("+tc.cursor+")", ",")
		q, err := Page(p, sealOf(t, 's'))
		switch {
		case err == nil && tc.want != "":
			t.Errorf("%s is accepted", name)
		case err != nil && (err.Code != "thing-search:search.option.invalid" || tc.want == "" || !strings.Contains(err.Description, tc.want)):
			t.Errorf("%s: %s %s, want %q", name, err.Code, err.Description, tc.want)
		case err == nil && name == "another size" && q.Size != 9:
			t.Errorf("the size is %d", q.Size)
		}
	}
}

// Whatever is changed in a cursor, it is none any more; and so is one with another secret.
func TestCursorsThatWereChanged(t *testing.T) {
	cursor := page(t, first).Cursor(last, sealOf(t, 's'))
	refuse := func(what, cursor string) {
		t.Helper()
		if _, err := Page(protocol.SearchParameters{Options: "cursor(" + cursor + ")"}, sealOf(t, 's')); err == nil ||
			err.Code != "thing-search:search.option.invalid" {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range cursor {
		for _, c := range []byte("Aa0_-=") {
			if cursor[i] != c {
				refuse(fmt.Sprintf("%c at %d", c, i), cursor[:i]+string(c)+cursor[i+1:])
			}
		}
		if i > 0 {
			refuse(fmt.Sprintf("%d bytes", i), cursor[:i])
		}
	}
	refuse("one byte more", cursor+"A")
	refuse("padding", cursor+"=")
	refuse("something else", "eyJhIjoxfQ")
	refuse("too long", strings.Repeat("A", maxCursor+1))
	if _, err := Page(protocol.SearchParameters{Options: "cursor(" + cursor + ")"}, sealOf(t, 'x')); err == nil {
		t.Error("a cursor of another secret is accepted")
	}
}

// Cursors of all lengths have one spelling.
func TestSpellingOfCursors(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range 3 {
		cursor := page(t, first).Cursor(Position{ID: strings.Repeat("i", i)}, sealOf(t, 's'))
		end := len(cursor) - 1
		for _, c := range alphabet {
			other := cursor[:end] + string(c)
			if _, ok := openCursor(other, sealOf(t, 's')); ok != (other == cursor) {
				t.Errorf("%c in place of %c: %t", c, cursor[end], ok)
			}
		}
	}
}

// What a cursor of another version says, or half of one, is not believed.
func TestContentsOfOtherVersions(t *testing.T) {
	seal := sealOf(t, 's')
	plain, ok := seal.open(page(t, first).Cursor(last, seal))
	if _, read := openCursor(seal.close(bytes.Clone(plain)), seal); !ok || !read {
		t.Fatal("the cursor cannot be read")
	}
	refuse := func(what string, contents []byte) {
		t.Helper()
		if _, ok := openCursor(seal.close(bytes.Clone(contents)), seal); ok {
			t.Errorf("%s is taken for a cursor", what)
		}
	}
	for i := range plain {
		refuse(fmt.Sprintf("a beginning of %d bytes", i), plain[:i])
	}
	refuse("more than there should be", append(bytes.Clone(plain), 0))
	refuse("another version", append([]byte{version + 1}, plain[1:]...))
	refuse("one without an order", []byte{version, 25, 0, 0, 0, 0, 0})
	refuse("a size that is too large", append([]byte{version, 0xC9, 1}, plain[2:]...))
}

// Who has a cursor cannot read what a thing is sorted by.
func TestCursorsAreEncrypted(t *testing.T) {
	at := Position{Values: [][]byte{[]byte("something secret"), nil}, ID: "secret:thing"}
	cursor := page(t, first).Cursor(at, sealOf(t, 's'))
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("secret")) || bytes.Contains(raw, []byte("like(")) {
		t.Error("a cursor can be read")
	}
	if again := page(t, first).Cursor(at, sealOf(t, 's')); again != cursor {
		t.Error("a cursor for the same page is another one")
	}
	at.ID += "2"
	other, _ := base64.RawURLEncoding.DecodeString(page(t, first).Cursor(at, sealOf(t, 's')))
	if bytes.Equal(raw[:8], other[:8]) || bytes.Equal(raw[16:32], other[16:32]) {
		t.Error("cursors for other pages share something")
	}
}

// The largest of all cursors can be used.
func TestLargestCursor(t *testing.T) {
	p := protocol.SearchParameters{HasFilter: true, Filter: "eq(attributes/a,'" + strings.Repeat("x", 16<<10-20) + "')"}
	for i := range 256 {
		p.Namespaces = append(p.Namespaces, fmt.Sprintf("a%0255d", i))
	}
	var keys []string
	for i := range maxKeys {
		keys = append(keys, fmt.Sprintf("+attributes/%01000d", i))
	}
	p.Options = "size(200),sort(" + strings.Join(keys, ",") + ")"
	q := page(t, p)
	cursor := q.Cursor(Position{Values: slices.Repeat([][]byte{bytes.Repeat([]byte{1}, 950)}, maxKeys), ID: strings.Repeat("i", 256)}, sealOf(t, 's'))
	p.Options += ",cursor(" + cursor + ")"
	if again := page(t, p); len(again.After.Values) != maxKeys || again.Size != 200 {
		t.Errorf("got %d values", len(again.After.Values))
	}
}

func TestPaging(t *testing.T) {
	for options, want := range map[string]string{
		"":                               "+thingId 25 offset 0 paging 0",
		"sort(-policyId)":                "-policyId +thingId 25 offset 0 paging 0",
		"size(25)":                       "+thingId 25 offset 0 paging 1",
		"limit(0,25)":                    "+thingId 25 offset 0 paging 2",
		"limit(50,200),sort(-_modified)": "-_modified +thingId 200 offset 50 paging 2",
	} {
		q := page(t, protocol.SearchParameters{Options: options})
		if got := fmt.Sprintf("%s offset %d paging %d", describe(q), q.Offset, q.Paging); got != want {
			t.Errorf("%s: got %s, want %s", options, got, want)
		}
	}
}

// FuzzOptions looks for texts that make reading options panic, or of which comes something that there cannot be.
func FuzzOptions(f *testing.F) {
	seal := sealOf(f, 's')
	for _, seed := range []string{"sort(+thingId,-attributes/a\\,b),size(5)", "limit(0,5)", "cursor(abc)", "sort(%2Ba", "size(1),,"} {
		f.Add(seed)
	}
	q, _ := Page(first, seal)
	f.Add("cursor(" + q.Cursor(last, seal) + ")")
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Page(protocol.SearchParameters{Options: text}, seal)
		if err != nil {
			return
		}
		if q.Size < 1 || q.Size > MaxSize || len(q.Sort) == 0 || q.Sort[len(q.Sort)-1].Property != ByID {
			t.Errorf("%q became %+v", text, q)
		}
		at := Position{Values: make([][]byte, len(q.Sort)-1), ID: "n:t"}
		again, err := Page(protocol.SearchParameters{Options: "cursor(" + q.Cursor(at, seal) + ")"}, seal)
		if err != nil || describe(again) != describe(q) {
			t.Errorf("%q is lost with a cursor: %v", text, err)
		}
	})
}

// FuzzContents looks for contents of cursors that make reading them panic.
func FuzzContents(f *testing.F) {
	seal := sealOf(f, 's')
	q, _ := Page(first, seal)
	plain, _ := seal.open(q.Cursor(last, seal))
	f.Add(plain)
	f.Add([]byte{version, 25, 0, 0, 0, 1, 0, 0, 0})
	f.Fuzz(func(_ *testing.T, plain []byte) { openCursor(seal.close(bytes.Clone(plain)), seal) })
}
