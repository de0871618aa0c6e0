package protocol

import (
	"strings"
	"testing"
)

func TestValidateID(t *testing.T) {
	long := strings.Repeat("x", 256)
	for _, c := range []struct {
		namespace, name string
		valid           bool
	}{
		{"org.eclipse.ditto", "lamp", true},
		{"a", "b", true},
		{"a-b.c_1", "name with: blanks", true},
		{"", "lamp", true}, // a default namespace takes its place
		{"_", "lamp", false},
		{"1a", "lamp", false},
		{"a.1b", "lamp", false},
		{"a..b", "lamp", false},
		{"a.", "lamp", false},
		{".a", "lamp", false},
		{"a-", "lamp", false},
		{"ä", "lamp", false},
		{"a b", "lamp", false},
		{"a:b", "lamp", false},
		{"ns", "", false},
		{"ns", "_", true},
		{"ns", "a/b", false},
		{"ns", "a\x1f", false},
		{"ns", "a\x7f", false},
		{"ns", "ä", false},                      // U+00E4
		{"ns", "ÿ", false},                      // U+00FF
		{"ns", "Ā", true},                       // U+0100
		{"ns", "\uFFFD", true},                  // this very character, not what stands for bytes that are none
		{"ns", "a\xff", false},                  // not UTF-8
		{"ns", long[:253], true},                // 256 with the colon
		{"ns", long[:254], false},               // 257
		{"ns", strings.Repeat("😀", 126), true},  // 252 units of UTF-16
		{"ns", strings.Repeat("😀", 127), false}, // 254
	} {
		err := ValidateID(c.namespace, c.name)
		if c.valid != (err == nil) {
			t.Errorf("%q:%q: got %v, want valid: %t", c.namespace, c.name, err, c.valid)
		}
		if err != nil && (err.Code != "things:id.invalid" || err.Status != 400 || !err.Unaddressed) {
			t.Errorf("%q:%q: refused with %+v", c.namespace, c.name, err)
		}
	}
}

func TestValidateKey(t *testing.T) {
	for key, valid := range map[string]bool{
		"a": true, "": false, "a/b": false, "a\n": false, "ä": false, "€": true, "{{ ~x~ }}": true,
		strings.Repeat("x", 256): true, strings.Repeat("x", 257): false,
	} {
		err := ValidateKey(key)
		if valid != (err == nil) {
			t.Errorf("%q: got %v, want valid: %t", key, err, valid)
		}
		if err != nil && (err.Code != "json.key.invalid" || err.Status != 400) {
			t.Errorf("%q: refused with %+v", key, err)
		}
	}
}

func TestValidateSubject(t *testing.T) {
	for subject, valid := range map[string]bool{
		"a": true, "a/b//": true, "/": true, "": false, "a\n": false, "ä/": false,
		strings.Repeat("/", 256): true, strings.Repeat("/", 257): false,
	} {
		err := ValidateSubject(subject)
		if valid != (err == nil) {
			t.Errorf("%q: got %v, want valid: %t", subject, err, valid)
		}
		if err != nil && (err.Code != "messages:subject.invalid" || err.Status != 400) {
			t.Errorf("%q: refused with %+v", subject, err)
		}
	}
}

// TestCharacters goes through ASCII.
func TestCharacters(t *testing.T) {
	const (
		letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		digits  = "0123456789"
	)
	notDelete := func(c string) bool { return c >= " " && c < "\x7f" && c != "/" }
	within := func(set string) func(string) bool {
		return func(c string) bool { return strings.Contains(set, c) }
	}
	for name, rule := range map[string]struct {
		valid func(string) bool
		want  func(string) bool
	}{
		"name":              {validName, notDelete},
		"namespace, first":  {func(c string) bool { return validNamespace(c + "x") }, within(letters)},
		"namespace, second": {func(c string) bool { return validNamespace("x" + c + "x") }, within(letters + digits + "_.-")},
		"namespace, last":   {func(c string) bool { return validNamespace("x" + c) }, within(letters + digits + "_")},
		"definition":        {func(c string) bool { return isDefinitionTriple("a:" + c + ":b") }, within(letters + digits + "_-.")},
		"label":             {func(c string) bool { return validLabel("ab" + c) }, within(letters + digits + "_-:")},
		"placeholder":       {func(c string) bool { return validLabel("{{" + c + ":" + c + "}}:abc") }, within(letters + digits + "_-")},
	} {
		for c := range 0x80 {
			if s := string(rune(c)); rule.valid(s) != rule.want(s) {
				t.Errorf("%s: %q is valid: %t", name, s, rule.valid(s))
			}
		}
	}
	if got := utf16Len("a\uFFFF\U00010000"); got != 4 {
		t.Errorf("%d units of UTF-16", got)
	}
}

func TestValidateDefinition(t *testing.T) {
	for text, valid := range map[string]bool{
		"org.eclipse.ditto:coffeebrewer:0.1.0": true,
		"a:b:c":                                true,
		"_-.:_-.:_-.":                          true,
		"a:b":                                  false,
		"a:b:c:d":                              false,
		"a::c":                                 false,
		"a:b c:d":                              false,
		"ä:b:c":                                false,
		"":                                     false,
		"https://example.org/model.jsonld":     true,
		"http://example.org":                   true,
		"http://example.org:8080/x?y#z":        true,
		"ftp://example.org/x":                  false,
		"http:///x":                            false,
		"http://:80/x":                         false,
		"https:b:c":                            true, // three parts
		"http://[::1":                          false,
		"httpx://example.org/x":                false,
	} {
		err := ValidateDefinition(text)
		if valid != (err == nil) {
			t.Errorf("%q: got %v, want valid: %t", text, err, valid)
		}
		if err != nil && (err.Code != "things:definition.identifier.invalid" || err.Status != 400) {
			t.Errorf("%q: refused with %+v", text, err)
		}
	}
}

func TestValidateLabel(t *testing.T) {
	for label, valid := range map[string]bool{
		"abc": true, "ab": false, "": false, "a-Z_0:9": true, "a b": false, "a.b": false, "abc/": false, "äbc": false,
		strings.Repeat("x", 165): true, strings.Repeat("x", 166): false,
		"{{connection:id}}:abc": true, "{{ connection:id }}:abc": true, "{{connection:id}}abc": false, "{{connection}}:abc": false,
		"{{connection:id}}:ab": false, "{{:}}:abc": false, "{{.a:b}}:abc": false, "{{a:.b}}:abc": false, "{{a:b:c}}:abc": false, "abc{{connection:id}}": false, "{{a:b": false,
	} {
		err := ValidateLabel(label)
		if valid != (err == nil) {
			t.Errorf("%q: got %v, want valid: %t", label, err, valid)
		}
		if err != nil && (err.Code != "acknowledgement:label.invalid" || err.Status != 400) {
			t.Errorf("%q: refused with %+v", label, err)
		}
	}
}
