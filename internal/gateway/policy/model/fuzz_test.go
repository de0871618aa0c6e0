package model

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/document"
)

// The texts from which policies are made. Those that are refused are among them.
var (
	fuzzSubjects = []string{
		`"a:b":{"type":"t"}`, `"{{ request:subjectId }}":{"type":"t","expiry":"2026-08-18T12:34:56.789Z"}`, `"${x}":{"type":""}`,
		`"nginx:me":{"type":"{{ time:now }}","announcement":{"whenDeleted":true,"beforeExpiry":"61s","x":null}}`,
		`"a:c":{"type":"ä\u0001","announcement":{"requestedAcks":{"labels":["abc","abc"],"timeout":"90s"}},"y":[]}`, `"a":{"type":"t"}`,
		`"a:d":{"type":"t","expiry":"9999-12-31T23:00:00+00:00","announcement":{"randomizationInterval":"0"}}`,
	}
	fuzzResources = []string{
		`"thing:/":{"grant":["READ","WRITE"],"revoke":[]}`, `"policy:/":{"revoke":["x","WRITE","x"],"grant":[1]}`,
		`"message:/a/b~0/\u00c4":{"grant":[],"revoke":[]}`, `"thing:/€\"/":{"grant":["READ"],"revoke":["\ud800"]}`, `"thing":{}`,
	}
	fuzzMembers = []string{
		`"importable":"explicit"`, `"importable":null`, `"namespaces":[]`, `"namespaces":["a","b.*","a"]`, `"allowedAdditions":[]`,
		`"allowedAdditions":["resources","subjects"]`, `"references":[{"entry":"m"},{"import":"ns:b","entry":"l"}]`, `"x":{}`,
	}
	fuzzImports = []string{
		`"ns:b":{}`, `"ns:c":{"entries":["l","m","l"],"transitiveImports":["ns:b"]}`, `"ns:d":{"transitiveImports":["ns:b","ns:b"]}`,
		`"ns:e":{"entries":[],"transitiveImports":[]}`, `"ns:p":{}`,
	}
)

// someOf returns some of the texts in any order, separated by commas. Those at the end are rare.
func someOf(random *rand.Rand, texts []string) string {
	var chosen []string
	for _, i := range random.Perm(len(texts)) {
		if random.IntN(len(texts)) > i {
			chosen = append(chosen, texts[i])
		}
	}
	return strings.Join(chosen, ",")
}

func somePolicy(random *rand.Rand) string {
	var entries []string
	for i := range random.IntN(4) {
		entry := fmt.Sprintf(`"subjects":{%s},"resources":{%s}`, someOf(random, fuzzSubjects), someOf(random, fuzzResources))
		if members := someOf(random, fuzzMembers); members != "" {
			entry += "," + members
		}
		entries = append(entries, fmt.Sprintf(`"%c":{%s}`, 'l'+i, entry))
	}
	return fmt.Sprintf(`{"entries":{%s},"imports":{%s}}`, strings.Join(entries, ","), someOf(random, fuzzImports))
}

// TestRoundTrip writes, loads and reads again policies that were read.
func TestRoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	accepted := 0
	for range 5000 {
		if checkRoundTrip(t, somePolicy(random)) {
			accepted++
		}
	}
	if accepted < 1000 {
		t.Errorf("only %d policies were accepted", accepted)
	}
}

// checkRoundTrip reports whether the text is read as a policy, and checks what comes of it then.
func checkRoundTrip(t *testing.T, text string) bool {
	t.Helper()
	raw, invalid := document.Canonical([]byte(text))
	if invalid != nil {
		return false
	}
	p, err := reader.Policy("ns:p", raw)
	if err != nil {
		return false
	}
	doc := p.Append(nil)
	if canonical, invalid := document.Canonical(doc); invalid != nil || !bytes.Equal(canonical, doc) {
		t.Fatalf("%s\nis written as\n%s\nwhich is not canonical: %v", text, doc, invalid)
	}
	loaded, invalid := Load(doc)
	if invalid != nil {
		t.Fatalf("%s\nis not loaded: %v", doc, invalid)
	}
	if again := loaded.Append(nil); !bytes.Equal(again, doc) {
		t.Fatalf("%s\nwas loaded and written as\n%s", doc, again)
	}
	if p.Size = len(doc); loaded.Size != p.Size {
		t.Fatalf("the size of %s is %d", doc, loaded.Size)
	}
	if diff := cmp.Diff(p, loaded); diff != "" {
		t.Fatalf("%s\nread and loaded (-read +loaded):\n%s", doc, diff)
	}
	// What a client sends back as it got it must stay, unless the client's texts became placeholders by being put together.
	if bytes.Contains(doc, []byte(placeholderOpen)) || bytes.Contains(doc, []byte(legacySubject)) {
		return true
	}
	again, err := reader.Policy("ns:p", doc)
	if err != nil {
		t.Fatalf("%s\nis not read again: %v", doc, err)
	}
	if text := again.Append(nil); !bytes.Equal(text, doc) {
		t.Fatalf("%s\nwas read again and written as\n%s", doc, text)
	}
	return true
}

// FuzzReader checks that no text makes anything panic, and that what is accepted can be stored, resolved and enforced.
func FuzzReader(f *testing.F) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		f.Add(somePolicy(random))
	}
	f.Add(`{"entries":{"l":{"subjects":{"a:{{":{"type":"}}"}},"resources":{}}}}`)
	src := policies{}
	src.add("ns:b", []Import{follows("ns:c")}, "l s:s thing:/")
	src.add("ns:c", []Import{follows("ns:b")}, "l s:s thing:/")
	f.Fuzz(func(t *testing.T, text string) {
		raw, invalid := document.Canonical([]byte(text))
		if invalid != nil {
			return
		}
		for _, read := range parts {
			_, _ = read(raw)
		}
		_, _ = Load(raw)
		if !checkRoundTrip(t, text) {
			return
		}
		p, _ := reader.Policy("ns:p", raw)
		if due := p.Due(); !due.IsZero() && p.DueAfter(due).Equal(due) {
			t.Fatalf("%s is due at %s for ever", text, due)
		}
		_, _ = p.CheckReferences(src), p.CheckImports(10)
		_, _ = p.CheckBudget(src), p.Writable()
		resolved := Resolve(p, src, RootPolicies{"*": {"ns:c"}}, "ns")
		if len(resolved.Entries) != len(resolved.Origins) {
			t.Fatalf("%d entries, %d origins", len(resolved.Entries), len(resolved.Origins))
		}
		_ = resolved.Enforceable()
		merged := AppendEntries(nil, resolved.Entries)
		if canonical, invalid := document.Canonical(merged); invalid != nil || !bytes.Equal(canonical, merged) {
			t.Fatalf("%s\nis resolved to\n%s\nwhich is not canonical: %v", text, merged, invalid)
		}
	})
}

// FuzzParts checks the parsers of texts that are no JSON.
func FuzzParts(f *testing.F) {
	for _, s := range []string{"thing:/a/b", "a:b", "10m", "2026-08-18T10:20:30Z", "{{ request:subjectId }}", "https://x:y", "${x}"} {
		f.Add(s, int64(time.Hour))
	}
	f.Fuzz(func(t *testing.T, s string, granularity int64) {
		_ = isResourceKey(s)
		_ = isNamespacePattern(s)
		_ = RootPolicies{s: nil}.For(s)
		_, _ = reader.SubjectID(s)
		if d, ok := parseDuration(s, "h", "m", "s", "ms", "d"); ok && (d < 0 || d > maxDuration) {
			t.Errorf("%q is %s", s, d)
		}
		if instant, ok := parseInstant(s); ok {
			rounded := RoundUp(instant, time.Duration(granularity))
			if rounded.Before(instant) || !RoundUp(rounded, time.Duration(granularity)).Equal(rounded) {
				t.Errorf("%s to %s became %s", s, time.Duration(granularity), rounded)
			}
		}
	})
}
