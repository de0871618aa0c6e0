package model

import (
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

var now = time.Date(2026, time.August, 18, 10, 20, 30, 0, time.UTC)

var reader = Reader{
	Now: now, ExpiryGranularity: time.Hour, AnnouncementGranularity: time.Minute, MaxImports: 10, Requester: "nginx:me",
}

// written makes of a reader's method one that writes what it has read.
func written[T any](write func([]byte, T) []byte, read func([]byte) (T, *protocol.Error)) func([]byte) (string, *protocol.Error) {
	return func(raw []byte) (string, *protocol.Error) {
		v, err := read(raw)
		if err != nil {
			return "", err
		}
		return string(write(nil, v)), nil
	}
}

// parts are the parts of a policy that can be written alone.
var parts = map[string]func([]byte) (string, *protocol.Error){
	"policy": written(func(dst []byte, p *Policy) []byte { return p.Append(dst) },
		func(raw []byte) (*Policy, *protocol.Error) { return reader.Policy("ns:p", raw) }),
	"entries": written(AppendEntries, func(raw []byte) ([]Entry, *protocol.Error) { return reader.Entries("ns:p", raw) }),
	"entry":   written(AppendEntry, func(raw []byte) (Entry, *protocol.Error) { return reader.Entry("l", raw) }),
	"subject": written(AppendSubject, func(raw []byte) (Subject, *protocol.Error) { return reader.Subject("a:b", raw) }),
	"resource": written(AppendResource,
		func(raw []byte) (Resource, *protocol.Error) { return reader.Resource("thing:/", raw) }),
	"subjects":   written(AppendSubjects, reader.Subjects),
	"resources":  written(AppendResources, reader.Resources),
	"importable": written(AppendImportable, reader.Importable),
	"namespaces": written(AppendNamespaces, reader.Namespaces),
	"additions":  written(AppendAllowedAdditions, reader.AllowedAdditions),
	"references": written(AppendReferences, reader.References),
	"imports":    written(AppendImports, func(raw []byte) ([]Import, *protocol.Error) { return reader.Imports("ns:p", raw) }),
	"import": written(AppendImport,
		func(raw []byte) (Import, *protocol.Error) { return reader.Import("ns:p", "ns:b", raw) }),
	"import entries": written(AppendImportEntries, reader.ImportEntries),
	"transitive": written(AppendTransitiveImports,
		func(raw []byte) ([]string, *protocol.Error) { return reader.TransitiveImports("ns:p", "ns:b", raw) }),
}

const same = "" // what is wanted is what was written

const (
	badJSON = "json.invalid"
	missing = "json.field.missing"
	badID   = "policies:id.invalid"

	badEntry        = "policies:entry.invalid"
	badLabel        = "policies:label.invalid"
	badSubject      = "policies:subjectid.invalid"
	badExpiry       = "policies:subjectexpiry.invalid"
	badAnnouncement = "policies:subjectannouncement.invalid"
	badImport       = "policies:import.invalid"
)

// TestReader says of every part what is taken, and how it is written, or by which code it is refused.
func TestReader(t *testing.T) {
	const empty = `"subjects":{},"resources":{}`
	long := strings.Repeat("x", 256)
	for _, c := range []struct {
		part, value string
		want        string // canonical text or a code
	}{
		{"policy", `{"entries":{}}`, `{"policyId":"ns:p","entries":{}}`},
		{"policy", `{"policyId":"ns:p","entries":{}}`, same},
		{"policy", `{"policyId":null,"entries":{}}`, `{"policyId":"ns:p","entries":{}}`},
		{"policy", `{"policyId":"ns:q","entries":{}}`, "policies:id.notsettable"},
		{"policy", `{"policyId":1,"entries":{}}`, badJSON},
		{"policy", `{"policyId":"ns:p"}`, missing},
		{"policy", `{"entries":null}`, missing},
		{"policy", `{"entries":[]}`, badJSON},
		{"policy", `[]`, badJSON},
		{"policy", `{"imports":{},"entries":{}}`, `{"policyId":"ns:p","entries":{}}`},
		{"policy", `{"imports":null,"entries":{}}`, `{"policyId":"ns:p","entries":{}}`},
		{"policy", `{"imports":[],"entries":{}}`, badJSON},
		{"policy", `{"entries":{},"imports":{"ns:b":{}}}`, `{"policyId":"ns:p","imports":{"ns:b":{"entries":[]}},"entries":{}}`},
		{"policy", `{"_revision":1,"entries":{},"x":1}`, `{"policyId":"ns:p","entries":{}}`},

		{"entries", `{}`, same},
		{"entries", `{"b":{` + empty + `},"a":{` + empty + `,"importable":"never"}}`,
			`{"b":{` + empty + `,"importable":"implicit"},"a":{` + empty + `,"importable":"never"}}`},
		{"entries", `{"l":null}`, badJSON},
		{"entries", `{"imports1":{` + empty + `}}`, `{"imports1":{` + empty + `,"importable":"implicit"}}`},
		{"entries", `{"importedX":{` + empty + `}}`, badLabel},
		{"entries", `{"imported":{` + empty + `}}`, badLabel},
		{"entries", `{"nsimported-":{` + empty + `}}`, badLabel},
		{"entries", `{"Imported":{` + empty + `}}`, `{"Imported":{` + empty + `,"importable":"implicit"}}`},
		{"entries", `{"":{` + empty + `}}`, badLabel},
		{"entries", `{"a/b":{` + empty + `}}`, badLabel},
		{"entries", `{"a\n":{` + empty + `}}`, badLabel},
		{"entries", `{"` + long + `":{` + empty + `}}`, `{"` + long + `":{` + empty + `,"importable":"implicit"}}`},
		{"entries", `{"` + long + `x":{` + empty + `}}`, badLabel},

		{"entry", `{` + empty + `,"importable":"explicit","namespaces":["a"],"allowedAdditions":["subjects"],"references":[{"entry":"m"}]}`, same},
		{"entry", `{"resources":{}}`, missing},
		{"entry", `{"subjects":{}}`, missing},
		{"entry", `{"subjects":null,"resources":{}}`, missing},
		{"entry", `{"subjects":[],"resources":{}}`, badJSON},
		{"entry", `{"subjects":{},"resources":[]}`, badJSON},
		// What it does not have itself it may take over.
		{"entry", `{"references":[{"entry":"m"}]}`, `{` + empty + `,"importable":"implicit","references":[{"entry":"m"}]}`},
		{"entry", `{"references":[]}`, missing},
		{"entry", `{` + empty + `,"importable":null,"namespaces":null,"allowedAdditions":null,"references":null}`,
			`{` + empty + `,"importable":"implicit"}`},
		// That a member was written, if only empty, is remembered where it matters.
		{"entry", `{` + empty + `,"references":[],"allowedAdditions":[],"namespaces":[]}`,
			`{` + empty + `,"importable":"implicit","namespaces":[],"allowedAdditions":[]}`},
		{"entry", `{` + empty + `,"importable":"Implicit"}`, badEntry},
		{"entry", `{` + empty + `,"namespaces":["*"]}`, badEntry},
		{"entry", `{` + empty + `,"allowedAdditions":["all"]}`, badEntry},
		{"entry", `{` + empty + `,"references":[1]}`, badEntry},
		{"entry", `1`, badJSON},

		{"importable", `"implicit"`, same},
		{"importable", `"explicit"`, same},
		{"importable", `"never"`, same},
		{"importable", `"NEVER"`, badEntry},
		{"importable", `""`, badEntry},
		{"importable", `true`, badJSON},

		{"namespaces", `[]`, same},
		{"namespaces", `["a","a.b-c","a.*"]`, same},
		{"namespaces", `["a.*","a","a.*","a"]`, `["a.*","a"]`},
		{"namespaces", `["*"]`, badEntry},
		{"namespaces", `[".*"]`, badEntry},
		{"namespaces", `["a.*.b"]`, badEntry},
		{"namespaces", `["a*"]`, badEntry},
		{"namespaces", `["a.*.*"]`, badEntry},
		{"namespaces", `[""]`, badEntry},
		{"namespaces", `["1a"]`, badEntry},
		{"namespaces", `[1]`, badEntry},
		{"namespaces", `"a"`, badJSON},

		{"additions", `[]`, same},
		{"additions", `["namespaces","resources","subjects"]`, same},
		{"additions", `["subjects","subjects"]`, `["subjects"]`},
		{"additions", `["entries"]`, badEntry},
		{"additions", `[null]`, badEntry},
		{"additions", `{}`, badJSON},

		{"references", `[]`, same},
		{"references", `[{"import":"ns:b","entry":"m"},{"entry":"m"}]`, same},
		{"references", `[{"entry":"m","import":"ns:b","x":1}]`, `[{"import":"ns:b","entry":"m"}]`},
		{"references", `["m"]`, badEntry},
		{"references", `[null]`, badEntry},
		{"references", `[{}]`, missing},
		{"references", `[{"import":"ns:b"}]`, missing},
		{"references", `[{"entry":null}]`, missing},
		{"references", `[{"entry":""}]`, badJSON},
		{"references", `[{"entry":1}]`, badJSON},
		{"references", `[{"import":null,"entry":"m"}]`, badJSON},
		{"references", `[{"import":"","entry":"m"}]`, badJSON},
		{"references", `[{"import":1,"entry":"m"}]`, badJSON},
		{"references", `{"entry":"m"}`, badJSON},

		{"resource", `{"grant":[],"revoke":[]}`, same},
		{"resource", `{"grant":["READ","WRITE"],"revoke":["EXECUTE"]}`, same},
		{"resource", `{"revoke":["b","read"],"grant":["READ","x","READ"]}`, `{"grant":["READ","x"],"revoke":["b","read"]}`},
		{"resource", `{"grant":[1,null,"READ",["WRITE"]],"revoke":[{}]}`, `{"grant":["READ"],"revoke":[]}`},
		{"resource", `{"grant":[]}`, missing},
		{"resource", `{"revoke":[]}`, missing},
		{"resource", `{"grant":[],"revoke":null}`, missing},
		{"resource", `{"grant":"READ","revoke":[]}`, badJSON},
		{"resource", `[]`, badJSON},

		{"resources", `{"thing:/":{"grant":[],"revoke":[]},"x-y:/a//":1}`, badEntry},
		{"resources", `{"unknown:/a/b":{"grant":[],"revoke":[]}}`, same},
		{"resources", `{"message:/inbox/messages/a:b%20c/":{"grant":[],"revoke":[]}}`, same},
		{"resources", `{"thing:/features/` + long + `":{"grant":[],"revoke":[]}}`, same},
		{"resources", `{"thing:/features/` + long + `x":{"grant":[],"revoke":[]}}`, badEntry},
		{"resources", `{"thing:` + strings.Repeat("/a", 101) + `":{"grant":[],"revoke":[]}}`, badEntry},
		{"resources", `{"thing":{"grant":[],"revoke":[]}}`, badEntry},
		{"resources", `{"thing:":{"grant":[],"revoke":[]}}`, badEntry},
		{"resources", `{"thing:attributes":{"grant":[],"revoke":[]}}`, badEntry},
		{"resources", `{":/":{"grant":[],"revoke":[]}}`, badEntry},
		{"resources", `{"thing:/a\t":{"grant":[],"revoke":[]}}`, badEntry},
		{"resources", `{"thing:/":null}`, badJSON},

		{"subject", `{"type":""}`, same},
		{"subject", `{"x":1,"type":"t","expiry":null,"announcement":null}`, `{"type":"t"}`},
		{"subject", `{}`, missing},
		{"subject", `{"type":null}`, missing},
		{"subject", `{"type":1}`, badJSON},
		{"subject", `null`, badJSON},
		{"subject", `{"type":"added by {{ request:subjectId }}"}`, `{"type":"added by nginx:me"}`},

		{"subjects", `{"a:b":{"type":"t"},"https://x.org:c/d":{"type":"t"},"a::":{"type":"t"}}`, same},
		{"subjects", `{"a":{"type":"t"}}`, badSubject},
		{"subjects", `{"":{"type":"t"}}`, badSubject},
		{"subjects", `{"https://x.org/c":{"type":"t"}}`, badSubject}, // this colon does not end an issuer
		{"subjects", `{"a:\u0001":{"type":"t"}}`, badSubject},
		{"subjects", `{"a:` + long[2:] + `":{"type":"t"}}`, same},
		{"subjects", `{"a:` + long[1:] + `":{"type":"t"}}`, badSubject},
		{"subjects", `{"{{ request:subjectId }}":{"type":"t"}}`, `{"nginx:me":{"type":"t"}}`},
		{"subjects", `{"{{request:subjectId}}":{"type":"t"},"${request.subjectId}":{"type":"u"}}`, `{"nginx:me":{"type":"u"}}`},
		{"subjects", `{"nginx:me":{"type":"1"},"a:b":{"type":"2"},"{{ request:subjectId }}":{"type":"3"}}`,
			`{"nginx:me":{"type":"3"},"a:b":{"type":"2"}}`},
		{"subjects", `{"x:{{ time:now }}":{"type":"{{ time:now_epoch_millis }}"}}`,
			`{"x:2026-08-18T10:20:30Z":{"type":"1787048430000"}}`},
		{"subjects", `{"${request.subjectId}/{{ request:subjectId }}/${request.subjectId}":{"type":"t"}}`,
			`{"nginx:me/nginx:me/nginx:me":{"type":"t"}}`},
		{"subjects", `{"x:{{ thing:id }}":{"type":"t"}}`, "placeholder:unresolved"},
		{"subjects", `{"${other}":{"type":"t"}}`, same},
		{"subjects", `{"$other}":{"type":"t"}}`, badSubject},
		{"subjects", `{"{{ other":{"type":"t"}}`, badSubject},

		{"imports", `{}`, same},
		{"imports", `{"ns:b":{},"ns:c":{"entries":[]},":d":{"entries":["x","y"],"transitiveImports":["ns:b"]}}`,
			`{"ns:b":{"entries":[]},"ns:c":{"entries":[]},":d":{"entries":["x","y"],"transitiveImports":["ns:b"]}}`},
		{"imports", `{"ns:p":{}}`, badImport},
		{"imports", `{"b":{}}`, badID},
		{"imports", `{"ns:b":null}`, badJSON},
		{"imports", `{` + manyImports(10) + `}`, same},
		{"imports", `{` + manyImports(11) + `}`, "policies:imports.toolarge"},
		{"imports", `[]`, badJSON},

		{"import", `{}`, `{"entries":[]}`},
		{"import", `{"x":1,"entries":null,"transitiveImports":null}`, `{"entries":[]}`},
		{"import", `{"transitiveImports":[]}`, `{"entries":[]}`},
		{"import", `{"transitiveImports":["ns:c"]}`, `{"entries":[],"transitiveImports":["ns:c"]}`},
		{"import", `{"entries":["a"],"transitiveImports":[]}`, `{"entries":["a"]}`},
		{"import", `[]`, badJSON},

		{"import entries", `["a","b","a"]`, `["a","b"]`},
		{"import entries", `["imported-x"]`, badLabel},
		{"import entries", `["a/b"]`, badLabel},
		{"import entries", `[1]`, badJSON},
		{"import entries", `{}`, badJSON},

		{"transitive", `["ns:c","ns:d","ns:c"]`, `["ns:c","ns:d"]`},
		{"transitive", `["ns:p"]`, badImport},
		{"transitive", `["ns:b"]`, badImport},
		{"transitive", `["c"]`, badID},
		{"transitive", `[null]`, badJSON},
		{"transitive", `"ns:c"`, badJSON},
	} {
		checkPart(t, c.part, c.value, c.want)
	}
}

// checkPart checks what comes of reading a part of a policy.
func checkPart(t *testing.T, part, value, want string) {
	t.Helper()
	raw, invalid := document.Canonical([]byte(value))
	if invalid != nil {
		t.Fatalf("%s: %v", value, invalid)
	}
	if want == same {
		want = value
	}
	got, err := parts[part](raw)
	if err != nil {
		got = err.Code
		if err.Status != 400 || err.Policy != strings.HasPrefix(err.Code, "policies:") {
			t.Errorf("%s %s: refused with %+v", part, value, err)
		}
	}
	if got != want {
		t.Errorf("%s %s:\ngot  %s\nwant %s", part, value, got, want)
	}
}

func manyImports(n int) string {
	var imports []string
	for i := range n {
		imports = append(imports, `"ns:i`+string(rune('a'+i))+`":{"entries":[]}`)
	}
	return strings.Join(imports, ",")
}

// TestReaderNamesIDs checks the ids and labels that come from a path and not from a value.
func TestReaderNamesIDs(t *testing.T) {
	for _, c := range []struct {
		name string
		err  *protocol.Error
		want string
	}{
		{"label", reader.Label("importedX"), badLabel},
		{"label", reader.Label("x"), ""},
		{"label of an entry", second(reader.Entry("a/b", []byte(`{"subjects":{},"resources":{}}`))), badLabel},
		{"subject", second(reader.Subject("a", []byte(`{"type":"t"}`))), badSubject},
		{"resource", second(reader.Resource("thing", []byte(`{"grant":[],"revoke":[]}`))), badEntry},
		{"import", second(reader.Import("ns:p", "b", []byte(`{}`))), badID},
		{"self import", second(reader.Import("ns:p", "ns:p", []byte(`{}`))), badImport},
		{"subject id", second(reader.SubjectID("a")), badSubject},
	} {
		if got := codeOf(c.err); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if id, err := reader.SubjectID("{{ request:subjectId }}"); err != nil || id != "nginx:me" {
		t.Errorf("the id is %q, %v", id, err)
	}
	s, err := reader.Subject("{{ request:subjectId }}", []byte(`{"type":"t"}`))
	if err != nil || s.ID != "nginx:me" {
		t.Errorf("the subject is %+v, %v", s, err)
	}
}

func second[T any](_ T, err *protocol.Error) *protocol.Error { return err }

func codeOf(err *protocol.Error) string {
	if err == nil {
		return ""
	}
	return err.Code
}
