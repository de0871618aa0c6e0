package rql

import (
	"unicode/utf8"

	"github.com/twinway/twinway/internal/gateway/document"
)

// pattern is the test of like and ilike: * stands for any characters, also none, and ? for any one character.
//
// It is matched without going back: a bit for each place in the pattern tells whether what comes before the place matches
// the characters seen so far. A character moves all bits at once.
//
// Protocol rules: the pattern must match the whole text. There is no escape for * and ?, and neither stands for the end of a
// line. Letters outside ASCII are never the same in another case.
type pattern struct {
	fold bool // ignore the case of letters
	// last is the place behind the last character.
	last int
	// words is how many words hold a bit for each place.
	words int
	// classes numbers the characters that are in the pattern.
	classes map[rune]int
	// ascii is classes, for the characters that are frequent.
	ascii [utf8.RuneSelf]uint16
	// next holds the places that characters of a class may lead to, by class.
	next []uint64
	// stay holds the places before a *, which any character leads to from themselves.
	stay []uint64
}

// The classes of characters that are not in the pattern. Those of characters that are follow.
const (
	anyChar = iota
	anyLineEnd
)

// maxWords is how many words the longest pattern takes.
const maxWords = MaxPattern/64 + 1

const (
	anyText = '*'
	anyOne  = '?'
)

func newPattern(text string, fold bool) *pattern {
	p := &pattern{fold: fold, classes: map[rune]int{}}
	for _, r := range text {
		if r != anyText {
			p.last++
		}
	}
	p.words = p.last/64 + 1
	p.stay = make([]uint64, p.words)
	p.next = make([]uint64, (anyLineEnd+1)*p.words)
	p.read(text, func(r rune, place int) {
		switch r {
		case anyText:
			setPlace(p.stay, place)
		case anyOne:
			setPlace(p.leadsTo(anyChar), place+1)
		}
	})
	p.read(text, func(r rune, place int) {
		if r != anyText && r != anyOne {
			setPlace(p.leadsTo(p.newClass(r)), place+1)
		}
	})
	for r := range p.ascii {
		p.ascii[r] = uint16(p.classOf(rune(r)))
	}
	return p
}

// read yields the characters of a pattern with their places.
func (p *pattern) read(text string, yield func(r rune, place int)) {
	place := 0
	for _, r := range text {
		yield(r, place)
		if r != anyText {
			place++
		}
	}
}

// setPlace sets the bit of a place.
func setPlace(places []uint64, place int) { places[place>>6] |= 1 << (place & 63) }

// leadsTo returns the places that characters of a class may lead to.
func (p *pattern) leadsTo(class int) []uint64 { return p.next[class*p.words:][:p.words] }

// newClass returns the class of a character in the pattern. A new one leads where those lead that are not in the pattern.
func (p *pattern) newClass(r rune) int {
	if class, ok := p.classes[p.folded(r)]; ok {
		return class
	}
	like := p.leadsTo(p.classOf(r))
	class := len(p.next) / p.words
	p.classes[p.folded(r)] = class
	p.next = append(p.next, like...)
	return class
}

func (p *pattern) classOf(r rune) int {
	if class, ok := p.classes[p.folded(r)]; ok {
		return class
	}
	if endsLine(r) {
		return anyLineEnd
	}
	return anyChar
}

func (p *pattern) folded(r rune) rune {
	if p.fold && r >= 'A' && r <= 'Z' {
		return r + ('a' - 'A')
	}
	return r
}

func endsLine(r rune) bool {
	switch r {
	case '\n', '\r', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

func (p *pattern) holds(v *scalar, _ []constant) (ok bool, cost int) {
	if v.kind == document.Null {
		return false, 1
	}
	seen, ok := p.match(v.text)
	return ok, 1 + matchingCost(seen, p.words)
}

// match tells whether the text between the quotes of a canonical document matches, and how many bytes of it were seen.
func (p *pattern) match(text []byte) (seen int, ok bool) {
	var room [maxWords]uint64
	places := room[:p.words]
	places[0] = 1
	for seen < len(text) {
		r, n, class := rune(text[seen]), 1, 0
		if r < utf8.RuneSelf && r != '\\' {
			class = int(p.ascii[r])
		} else {
			r, n = document.DecodeChar(text[seen:])
			class = p.classOf(r)
		}
		seen += n
		if !p.move(places, class, endsLine(r)) {
			return seen, false
		}
	}
	return seen, places[p.last>>6]>>(p.last&63)&1 != 0
}

// move moves the places with a character of the class, and reports whether there are any left.
func (p *pattern) move(places []uint64, class int, endsLine bool) bool {
	next := p.leadsTo(class)
	left, carry := uint64(0), uint64(0)
	for i, old := range places {
		places[i] = (old<<1 | carry) & next[i]
		if !endsLine {
			places[i] |= old & p.stay[i]
		}
		left |= places[i]
		carry = old >> 63
	}
	return left != 0
}
