package thing

import (
	"strconv"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

const (
	placeholderOpen  = "{{"
	placeholderClose = "}}"
)

// substitution knows what placeholders in the value of a create or modify stand for:
//
//	{{ request:subjectId }}      the first authorization subject of who sent the command
//	{{ time:now }}               when the command is decided
//	{{ time:now_epoch_millis }}  the same in milliseconds since 1970
type substitution struct {
	subject string
	now     time.Time
}

// resolve returns the command with the placeholders in its value replaced, and its value checked.
func (c *Command) resolve(now time.Time) (*Command, *protocol.Error) {
	value, err := substitution{c.Subject, now}.value(c.Path, c.Value)
	if err != nil {
		return nil, err
	}
	resolved := *c
	resolved.placeholders = false
	// Names that were different may be the same now.
	canonical, invalid := document.Canonical(value)
	if invalid != nil {
		return nil, protocol.ErrValueInvalid(invalid.Error())
	}
	resolved.Value = canonical
	return &resolved, resolved.checkValue()
}

// value replaces the placeholders in a value that is meant for the path.
//
// Protocol rules: placeholders are replaced in strings, not in names, but for the names of subjects in a policy that comes
// with a thing. The reference to a policy to be copied has placeholders of its own.
func (s substitution) value(p protocol.Path, value []byte) ([]byte, *protocol.Error) {
	if p.Kind != protocol.Root || document.KindOf(value) != document.Object {
		return s.replace(value, false)
	}
	w := newWriter(len(value))
	for name, member := range document.Members(value) {
		if name != memberCopyPolicyFrom {
			replaced, err := s.replace(member, name == memberPolicy)
			if err != nil {
				return nil, err
			}
			member = replaced
		}
		w.member(name, member)
	}
	return w.object(), nil
}

// replace replaces the placeholders in all strings of a canonical value, in the names too if asked to.
func (s substitution) replace(value []byte, names bool) ([]byte, *protocol.Error) {
	out := make([]byte, 0, len(value))
	for i := 0; i < len(value); {
		if value[i] != '"' {
			out = append(out, value[i])
			i++
			continue
		}
		end, _ := textEnd(value, i)
		raw := value[i:end]
		i = end
		if isName := i < len(value) && value[i] == ':'; isName && !names {
			out = append(out, raw...)
			continue
		}
		text, err := s.text(textOf(raw))
		if err != nil {
			return nil, err
		}
		out = document.AppendString(out, text)
	}
	return out, nil
}

// text replaces the placeholders in a text.
func (s substitution) text(text string) (string, *protocol.Error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, placeholderOpen)
		expr, after, closed := strings.Cut(rest, placeholderClose)
		if !found || !closed {
			b.WriteString(text)
			return b.String(), nil
		}
		b.WriteString(before)
		switch name := strings.TrimSpace(expr); name {
		case "request:subjectId":
			b.WriteString(s.subject)
		case "time:now":
			b.WriteString(s.now.Format(time.RFC3339Nano))
		case "time:now_epoch_millis":
			b.WriteString(strconv.FormatInt(s.now.UnixMilli(), 10))
		default:
			return "", protocol.ErrPlaceholderUnresolved(placeholderOpen + expr + placeholderClose)
		}
		text = after
	}
}
