package protocol

import "testing"

// Headers that are texts where they come from get the types of the protocol.
func TestReadText(t *testing.T) {
	for _, c := range []struct{ name, text, want, code string }{
		{"X-Custom", `a "b"`, `{"X-Custom":"a \"b\""}`, ""},
		{"x", "\xff", `{"x":"` + "\uFFFD" + `"}`, ""},
		{"Response-Required", "false", `{"response-required":false}`, ""},
		{"requested-acks", "twin-persisted, my:ack", `{"requested-acks":["twin-persisted","my:ack"]}`, ""},
		{"requested-acks", `["my:ack"]`, `{"requested-acks":["my:ack"]}`, ""},
		{"requested-acks", "", `{"requested-acks":[]}`, ""},
		{"timeout", "5s", `{"timeout":"5s"}`, ""},
		{"etag", "1", `{}`, ""},             // of the server
		{"ditto-originator", "x", `{}`, ""}, // likewise
		{"ditto-auth-context", "x", `{}`, ""},
		{"", "x", `{}`, ""},
		{"response-required", "maybe", "", "header.invalid"},
		{"timeout", "soon", "", "timeout.invalid"},
		{"requested-acks", "a b", "", "acknowledgement:label.invalid"},
		{"correlation-id", "", "", "header.invalid"},
	} {
		var h Headers
		err := h.ReadText(c.name, c.text)
		if code := codeOf(err); code != c.code {
			t.Errorf("%s: %q: %q, want %q", c.name, c.text, code, c.code)
			continue
		}
		if err != nil {
			continue
		}
		if got := string(h.AppendOut(nil)); got != c.want {
			t.Errorf("%s: %q: %s, want %s", c.name, c.text, got, c.want)
		}
	}
}

func codeOf(err *Error) string {
	if err == nil {
		return ""
	}
	return err.Code
}

// Headers are found and removed by name in any case, whether the protocol knows them or not.
func TestNamedHeaders(t *testing.T) {
	var h Headers
	for _, name := range []string{"Mine", "timeout"} {
		if err := h.ReadText(name, "5"); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"mine", "Timeout"} {
		if !h.HasNamed(name) {
			t.Errorf("%s is not there", name)
		}
		h.DeleteNamed(name)
		if h.HasNamed(name) {
			t.Errorf("%s is still there", name)
		}
	}
	h.DeleteNamed("mine")
	if h.HasNamed("other") || h.Len() != 0 {
		t.Errorf("%d are left", h.Len())
	}
}
