package conformance

import (
	"errors"
	"fmt"
	"strings"
)

// rest is the member name that stands for "further members allowed" in a parsed pattern.
const rest = "..."

var errRest = errors.New(`"..." belongs into an object, outside of quotes`)

// pattern is one expected frame: an envelope, or a text when it does not start with a brace.
type pattern struct {
	source string
	tree   any // nil for a text
}

func parsePattern(source string) (pattern, error) {
	p := pattern{source: source}
	if !strings.HasPrefix(source, "{") {
		return p, checkPlaceholders(source)
	}
	var err error
	if p.tree, err = parseTree(source); err != nil {
		return p, fmt.Errorf("expected envelope: %w", err)
	}
	return p, nil
}

func parseTree(source string) (any, error) {
	tree, err := decode([]byte(quoteRest(source)))
	if err != nil {
		return nil, err
	}
	return tree, checkTree(tree)
}

// quoteRest makes JSON of a pattern: ... outside of strings becomes a member of its own.
func quoteRest(source string) string {
	var b strings.Builder
	inString := false
	for i := 0; i < len(source); i++ {
		switch c := source[i]; {
		case inString && c == '\\' && i+1 < len(source):
			b.WriteByte(c)
			i++
			b.WriteByte(source[i])
		case !inString && strings.HasPrefix(source[i:], rest):
			b.WriteString(`"...":true`)
			i += len(rest) - 1
		default:
			inString = inString != (c == '"')
			b.WriteByte(c)
		}
	}
	return b.String()
}

// checkTree refuses placeholders that do not exist, in values and in names.
func checkTree(tree any) error {
	switch v := tree.(type) {
	case string:
		if v == rest {
			return errRest
		}
		return checkPlaceholders(v)
	case []any:
		for _, element := range v {
			if err := checkTree(element); err != nil {
				return err
			}
		}
	case object:
		for key, member := range v {
			if key == rest && member != true {
				return errRest
			}
			if err := errors.Join(checkPlaceholders(key), checkTree(member)); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkPlaceholders(text string) error {
	for _, m := range placeholderForm.FindAllStringSubmatch(text, -1) {
		if _, _, err := (bindings{}).fixed(m[1], m[2]); err != nil {
			return err
		}
	}
	return nil
}
