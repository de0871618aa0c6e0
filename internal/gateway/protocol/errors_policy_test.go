package protocol

import (
	"strings"
	"testing"
)

// TestPolicyErrors is TestErrors for policies: which status and code, and that they are reported in the group of policies.
func TestPolicyErrors(t *testing.T) {
	subject := mustPolicyPath(t, "/entries/L/subjects/a:b")
	for _, c := range []struct {
		err    *Error
		status int
		code   string
	}{
		{ErrPolicyConflict("ns:p"), 409, "policies:policy.conflict"},
		{ErrPolicyNotCreatable("ns:p"), 403, "policies:policy.notcreatable"},
		{ErrPolicyTooManyModifications("ns:p"), 429, "policies:policy.toomanymodifyingrequests"},
		{ErrPolicyUnavailable("ns:p"), 503, "policies:policy.unavailable"},
		{ErrPolicyHistoryNotFound("ns:p"), 404, "policies:policy.history.notfound"},
		{ErrPolicyPreconditionFailed("if-match", "a", `"rev:1"`), 412, "policies:precondition.failed"},
		{ErrPolicyPreconditionSkipped(), 412, "policies:precondition.failed"},
		{ErrPolicyNotModified(), 304, "policies:precondition.notmodified"},
		{ErrPolicyViewInvalid("x"), 400, "policies:view.invalid"},
		{ErrPolicyActionFailed(403, "a", "r"), 403, "policies:action.failed"},
		{ErrEntityNotCreatable("ns:p"), 403, "entity.notcreatable"},
		{ErrPolicyPartNotFound("ns:p", subject), 404, "policies:subject.notfound"},
		{ErrPolicyPartNotReadable("ns:p", subject), 404, "policies:subject.notfound"},
		{ErrPolicyPartNotModifiable("ns:p", subject), 403, "policies:subject.notmodifiable"},
	} {
		if c.err.Status != c.status || c.err.Code != c.code || c.err.Unaddressed {
			t.Errorf("got %d %s, unaddressed: %t; want %d %s", c.err.Status, c.err.Code, c.err.Unaddressed, c.status, c.code)
		}
		if c.err.Policy != strings.HasPrefix(c.code, "policies:") {
			t.Errorf("%s is reported in the group of policies: %t", c.code, c.err.Policy)
		}
		if c.err.Message == "" || c.err.Description == "" {
			t.Errorf("%s says nothing", c.code)
		}
	}
}

// TestPolicyPartCodes says how the parts of a policy are called when they are absent, must not be read and must not be written.
func TestPolicyPartCodes(t *testing.T) {
	for path, want := range map[string]string{
		"/":                               "policy policy policy",
		"/entries":                        "policy policy policy",
		"/entries/L":                      "entry entry entry",
		"/entries/L/subjects":             "subjects subjects subjects",
		"/entries/L/subjects/a:b":         "subject subject subject",
		"/entries/L/resources":            "resources entry resources",
		"/entries/L/resources/thing:/":    "resource entry resource",
		"/entries/L/importable":           "entry entry entry",
		"/entries/L/namespaces":           "entry entry entry",
		"/entries/L/allowedAdditions":     "entry entry entry",
		"/entries/L/references":           "entry entry entry",
		"/imports":                        "imports imports imports",
		"/imports/ns:q":                   "import import import",
		"/imports/ns:q/entries":           "import entry entry",
		"/imports/ns:q/transitiveImports": "import entry entry",
	} {
		p := mustPolicyPath(t, path)
		part := func(e *Error, suffix string) string {
			if !e.Policy || !strings.Contains(e.Message, "ns:p") || p.Kind != Root && !strings.Contains(e.Message, path) {
				t.Errorf("%s: %+v", path, e)
			}
			return strings.TrimSuffix(strings.TrimPrefix(e.Code, "policies:"), suffix)
		}
		got := part(ErrPolicyPartNotFound("ns:p", p), ".notfound") + " " + part(ErrPolicyPartNotReadable("ns:p", p), ".notfound") +
			" " + part(ErrPolicyPartNotModifiable("ns:p", p), ".notmodifiable")
		if got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if got := ErrPolicyPartNotFound("ns:p", Path{Kind: Attribute}).Code; got != "policies:policy.notfound" {
		t.Errorf("a part of things: %s", got)
	}
}

func mustPolicyPath(t testing.TB, text string) Path {
	t.Helper()
	p, err := ParsePolicyPath(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
