package finder

import (
	"strings"

	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// maxShape is how long what is said of a filter may be, in bytes.
const maxShape = 512

// shapeOf returns a filter without the values that it compares with: and(eq(attributes/serial,?),exists(features/lamp)).
func shapeOf(filter *rql.Predicate) string {
	if filter == nil {
		return ""
	}
	var b strings.Builder
	writeShape(&b, filter.Expression())
	if b.Len() > maxShape {
		return strings.ToValidUTF8(b.String()[:maxShape], "") + "…"
	}
	return b.String()
}

func writeShape(b *strings.Builder, x rql.Expression) {
	if b.Len() > maxShape {
		return
	}
	switch x := x.(type) {
	case rql.Comparison:
		b.WriteString(string(x.Operator) + "(" + x.Property.Name + ",?)")
	case rql.Membership:
		b.WriteString("in(" + x.Property.Name + ",?)")
	case rql.Presence:
		b.WriteString(string(x.Test) + "(" + x.Property.Name + ")")
	case rql.Negation:
		writeShapes(b, "not", x.Operand)
	case rql.Combination:
		writeShapes(b, string(x.Connective), x.Operands...)
	}
}

func writeShapes(b *strings.Builder, name string, operands ...rql.Expression) {
	for i, o := range operands {
		if i == 0 {
			b.WriteString(name + "(")
		} else {
			b.WriteByte(',')
		}
		writeShape(b, o)
	}
	b.WriteByte(')')
}

// sortOf returns by what things are sorted, as in the options of a search.
func sortOf(keys []query.Key) string {
	var b strings.Builder
	for i, k := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		sign := byte('+')
		if k.Descending {
			sign = '-'
		}
		b.WriteByte(sign)
		b.WriteString(k.Property)
	}
	return b.String()
}
