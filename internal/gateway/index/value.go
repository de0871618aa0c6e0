package index

import "github.com/twinway/twinway/internal/gateway/document"

// The first bytes of values, in the order of values.
const (
	valueNull = 0x10 + iota*0x10
	valueFalse
	valueTrue
	valueNumber
	valueText
	valueObject
	valueArray
	afterValues
)

// appendValue appends what stands for a value: for an object or an array that there is one.
func appendValue(dst, raw []byte) []byte {
	switch document.KindOf(raw) {
	case document.Null:
		return append(dst, valueNull)
	case document.Bool:
		if raw[0] == 't' {
			return append(dst, valueTrue)
		}
		return append(dst, valueFalse)
	case document.Number:
		return appendNumber(append(dst, valueNumber), raw)
	case document.String:
		return appendText(append(dst, valueText), raw)
	case document.Object:
		return append(dst, valueObject)
	case document.Array, document.Invalid:
	}
	return append(dst, valueArray)
}

// Value returns what stands for a JSON value in entries.
func Value(raw []byte) []byte { return appendValue(nil, raw) }
