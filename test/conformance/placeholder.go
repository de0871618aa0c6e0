package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// maxFill bounds <fill:N>, in characters.
const maxFill = 8 << 20

// A placeholder is <kind> or <kind:name>. Whatever looks like one has to be one, so that a slip in a scenario is found
// when it is parsed.
var placeholderForm = regexp.MustCompile(`<([a-z]+)(?::([^<>]*))?>`)

// openKinds are the placeholders whose text is known only when a frame has come, with what they match.
var openKinds = map[string]string{
	"text": `(?s:.+)`,
	"id":   `[^/]+`,
	"time": `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z`,
	"etag": `"hash:[0-9a-f]+"`,
	"rev":  `[1-9]\d*`,
}

var errUnbound = errors.New("nothing was kept under this name before")

// bindings are the namespace of a scenario and what its named placeholders met so far, by "kind:name".
type bindings struct {
	namespace string
	kept      map[string]string
}

// fixed returns the text of a placeholder whose text is known: <ns>, <label:…>, <fill:…> and named ones that met
// something.
func (b bindings) fixed(kind, name string) (text string, ok bool, err error) {
	switch {
	case kind == "ns":
		return b.namespace, true, nil
	case kind == "label":
		return strings.ReplaceAll(b.namespace, ".", "-") + ":" + name, true, nil
	case kind == "fill":
		text, err = fill(name)
		return text, err == nil, err
	case openKinds[kind] == "":
		return "", false, fmt.Errorf("<%s> is no placeholder", kind)
	}
	text, ok = b.kept[kind+":"+name]
	return text, ok, nil
}

func fill(argument string) (string, error) {
	count, char, given := strings.Cut(argument, ":")
	if !given {
		char = "x"
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 || n*len(char) > maxFill {
		return "", fmt.Errorf("<fill:%s> has no usable count", argument)
	}
	return strings.Repeat(char, n), nil
}

// expand replaces the placeholders in text that is to be sent. Inside JSON, what a placeholder stands for is escaped as
// the content of a string.
func (b bindings) expand(text string, inJSON bool) (string, error) {
	var failed error
	out := placeholderForm.ReplaceAllStringFunc(text, func(p string) string {
		m := placeholderForm.FindStringSubmatch(p)
		s, ok, err := b.fixed(m[1], m[2])
		if err == nil && !ok {
			err = fmt.Errorf("%s: %w", p, errUnbound)
		}
		if err != nil {
			failed = errors.Join(failed, err)
			return p
		}
		if inJSON {
			return escape(s)
		}
		return s
	})
	return out, failed
}

func escape(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		return s
	}
	return string(quoted[1 : len(quoted)-1])
}

// matchString compares a string with a pattern and keeps what the named placeholders of the pattern met.
func (b bindings) matchString(pattern, got string) (bool, error) {
	if !strings.Contains(pattern, "<") {
		return pattern == got, nil
	}
	form, names, err := b.compile(pattern)
	if err != nil {
		return false, err
	}
	m := form.FindStringSubmatch(got)
	if m == nil {
		return false, nil
	}
	for i, name := range names {
		if name == "" {
			continue
		}
		if before, ok := b.kept[name]; ok && before != m[i+1] {
			return false, nil
		}
		b.kept[name] = m[i+1]
	}
	return true, nil
}

// compile turns a pattern into a regular expression with one group for each open placeholder, and returns under which
// name the group is kept; the name is empty when it is not.
func (b bindings) compile(pattern string) (form *regexp.Regexp, names []string, err error) {
	var expr strings.Builder
	expr.WriteString(`\A`)
	end := 0
	for _, at := range placeholderForm.FindAllStringSubmatchIndex(pattern, -1) {
		expr.WriteString(regexp.QuoteMeta(pattern[end:at[0]]))
		end = at[1]
		kind, name := pattern[at[2]:at[3]], ""
		if at[4] >= 0 {
			name = pattern[at[4]:at[5]]
		}
		text, ok, err := b.fixed(kind, name)
		switch {
		case err != nil:
			return nil, nil, err
		case ok:
			expr.WriteString(regexp.QuoteMeta(text))
			continue
		}
		expr.WriteString("(" + openKinds[kind] + ")")
		if name != "" {
			name = kind + ":" + name
		}
		names = append(names, name)
	}
	expr.WriteString(regexp.QuoteMeta(pattern[end:]) + `\z`)
	form, err = regexp.Compile(expr.String())
	return form, names, err
}
