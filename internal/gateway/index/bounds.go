package index

import (
	"time"
	"unicode/utf8"

	"github.com/twinway/twinway/internal/gateway/rql"
)

// value is what a property is compared with.
type value struct {
	kind rql.ValueKind // not a Placeholder
	text string
}

func valueOf(v rql.Value, now time.Time) value {
	if v.Time != nil {
		return value{rql.String, v.Time.At(now)}
	}
	return value{v.Kind, v.Text}
}

func decodeRune(text []byte) (rune, int) { return utf8.DecodeRune(text) }

// append appends the value as entries have it.
func (v value) append(dst []byte) []byte {
	switch v.kind {
	case rql.Null:
		return append(dst, valueNull)
	case rql.Boolean:
		if v.text == "true" {
			return append(dst, valueTrue)
		}
		return append(dst, valueFalse)
	case rql.Number:
		return appendNumber(append(dst, valueNumber), []byte(v.text))
	case rql.String, rql.Placeholder:
	}
	dst, whole := appendChars(append(dst, valueText), []byte(v.text), decodeRune)
	if !whole {
		return append(dst, escape, shortened, end)
	}
	return append(dst, end)
}

// types returns the first bytes of the values with the type of v: from the first one on, and before the second.
func (v value) types() (first, behind byte) {
	switch v.kind {
	case rql.Null:
		return valueNull, valueFalse
	case rql.Boolean:
		return valueFalse, valueNumber
	case rql.Number:
		return valueNumber, valueText
	case rql.String, rql.Placeholder:
	}
	return valueText, valueObject
}

// bounds returns the range of values to which an operator says something about v: the value itself is always in it, since
// entries do not tell it from all others.
func (v value) bounds(op rql.Operator) (lower, upper []byte) {
	at := v.append(nil)
	first, behind := v.types()
	lower, upper = []byte{first}, []byte{behind}
	switch op {
	case rql.Equal:
		return at, after(at)
	case rql.GreaterThan, rql.GreaterOrEqual:
		lower = at
	case rql.LessThan, rql.LessOrEqual:
		upper = after(at)
	case rql.NotEqual, rql.Like, rql.LikeIgnoringCase:
	}
	return lower, upper
}

// after returns the first key that comes after all that begin with a text, nil if there is none.
func after(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xFF {
			next := append([]byte(nil), prefix[:i+1]...)
			next[i]++
			return next
		}
	}
	return nil
}
