package rql

import "github.com/twinway/twinway/internal/gateway/document"

// valueSet is the test whether a scalar equals one of many constants. What it takes does not depend on how many there are.
type valueSet struct {
	// texts holds strings and booleans, as they stand between the quotes of a canonical document.
	texts map[string]struct{}
	// numbers holds the keys of numbers, and of the strings that stand for one.
	numbers map[string]origin
	// longestText and longestKey are how long the longest of each is.
	longestText, longestKey int
}

// origin says what constants a number among those of a set comes from.
type origin struct {
	number, text bool
}

func newValueSet() *valueSet {
	return &valueSet{texts: map[string]struct{}{}, numbers: map[string]origin{}}
}

func (s *valueSet) add(v Value) {
	c := newConstant(v)
	if c.kind == String || c.kind == Boolean {
		s.addText(&c)
	}
	if c.isNumeric {
		s.addNumber(&c, origin{number: c.kind == Number, text: c.kind == String})
	}
}

func (s *valueSet) addText(c *constant) {
	s.texts[string(c.canonical)] = struct{}{}
	s.longestText = max(s.longestText, len(c.canonical))
}

func (s *valueSet) addNumber(c *constant, of origin) {
	key := string(c.number.AppendKey(nil))
	from := s.numbers[key]
	s.numbers[key] = origin{number: from.number || of.number, text: from.text || of.text}
	s.longestKey = max(s.longestKey, len(key))
}

func (s *valueSet) holds(v *scalar, _ []constant) (ok bool, cost int) {
	cost = 2 + min(len(v.text), s.longestText+s.longestKey)/textPerUnit
	if v.kind == document.Null {
		return false, cost
	}
	return s.hasText(v) || s.hasNumber(v), cost
}

func (s *valueSet) hasText(v *scalar) bool {
	if len(v.text) > s.longestText {
		return false
	}
	_, ok := s.texts[string(v.text)]
	return ok
}

// hasNumber tells whether the number that the scalar is or stands for is that of a constant. A string does not equal a
// string because both stand for the same number.
func (s *valueSet) hasNumber(v *scalar) bool {
	if len(s.numbers) == 0 || !v.hasNumber() || len(v.number.Digits) > s.longestKey {
		return false
	}
	v.key = v.number.AppendKey(v.key[:0])
	from := s.numbers[string(v.key)]
	return from.number || from.text && v.kind == document.Number
}
