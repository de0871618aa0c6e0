package rql

import (
	"bytes"

	"github.com/twinway/twinway/internal/gateway/document"
)

// scalar is a null, boolean, number or string of a document, as it stands there.
type scalar struct {
	kind document.Kind
	// text is what stands there, for strings between the quotes.
	text []byte
	// number is the number that it is or stands for, once asked for.
	number document.Decimal
	// numeric says whether there is one; unknown until asked for.
	numeric truth
	// escaped says whether the text differs from what it stands for; unknown until asked for.
	escaped truth
	// key is room for keys that are looked up.
	key []byte
}

// set makes v the scalar that raw is.
func (v *scalar) set(raw []byte) {
	v.kind, v.text, v.numeric, v.escaped = document.KindOf(raw), raw, unknown, unknown
	if v.kind == document.String && len(raw) >= len(`""`) {
		v.text = raw[1 : len(raw)-1]
	}
}

// substance tells how much there is of the scalar.
func (v *scalar) substance() substance {
	switch {
	case v.kind == document.Null:
		return null
	case v.kind == document.String && len(v.text) == 0:
		return empty
	}
	return something
}

// hasNumber tells whether the scalar is a number, or a string that stands for one, and makes it known.
func (v *scalar) hasNumber() bool {
	if v.numeric == unknown {
		v.numeric = no
		if v.kind == document.Number || v.kind == document.String && isNumber(v.text) {
			v.numeric, v.number = yes, document.ParseDecimal(v.text)
		}
	}
	return v.numeric == yes
}

// isEscaped tells whether the text differs from what it stands for.
func (v *scalar) isEscaped() bool {
	if v.escaped == unknown {
		v.escaped = no
		if v.kind == document.String && bytes.IndexByte(v.text, '\\') >= 0 {
			v.escaped = yes
		}
	}
	return v.escaped == yes
}

// bytesPerUnit returns how many bytes are compared with a unit of work.
func (v *scalar) bytesPerUnit() int {
	if v.escaped == yes {
		return escapedPerUnit
	}
	return textPerUnit
}
