package document

import (
	"errors"
	"slices"
	"strings"
)

// Bounds of a field selector.
const (
	maxSelectorLen      = 8192 // bytes of its text
	maxSelectorPointers = 256
	// maxSelectorWays is how many pointers may differ in where their wildcards are: on so many ways through them can a
	// member be at once.
	maxSelectorWays = 8
)

// ErrSelector says that text is no field selector: it is or has an empty part, has an invalid pointer or unbalanced
// parentheses, or has more than 8192 bytes, 256 pointers, [MaxDepth] levels or 8 arrangements of wildcards.
var ErrSelector = errors.New("invalid field selector")

// ParseSelector reads a field selector: pointers with commas between them. A list in parentheses after a pointer continues
// that pointer in several ways, so that a(b,c/d) is a/b,a/c/d. White space is part of the names. The error is [ErrSelector].
func ParseSelector(s string) (Selector, error) {
	if len(s) > maxSelectorLen {
		return Selector{}, ErrSelector
	}
	p := selectorParser{rest: s}
	if err := p.list(nil, 0); err != nil {
		return Selector{}, err
	}
	if ways, _ := Arrangements(p.selector.pointers); p.rest != "" || ways > maxSelectorWays {
		return Selector{}, ErrSelector
	}
	return p.selector, nil
}

// Arrangements returns in how many arrangements the pointers have wildcards, and reports whether some have none. On so many
// ways through the pointers can a member be at once: two that lead through the same names differ in where they have a wildcard.
func Arrangements(pointers []Pointer) (wild int, plain bool) {
	seen := map[string]struct{}{}
	var at []byte
	for _, p := range pointers {
		at = at[:0]
		for i, token := range p {
			if token == wildcard {
				at = append(at, byte(i)) // MaxDepth fits
			}
		}
		if len(at) == 0 {
			plain = true
			continue
		}
		seen[string(at)] = struct{}{}
	}
	return len(seen), plain
}

type selectorParser struct {
	rest     string // still to be read
	selector Selector
}

// list reads a list whose pointers begin with prefix.
func (p *selectorParser) list(prefix Pointer, depth int) error {
	if depth > MaxDepth {
		return ErrSelector
	}
	for {
		if err := p.item(prefix, depth); err != nil {
			return err
		}
		if !p.accept(',') {
			return nil
		}
	}
}

// item reads a pointer or a pointer with a list in parentheses.
func (p *selectorParser) item(prefix Pointer, depth int) error {
	text := p.rest
	if end := strings.IndexAny(text, "(),"); end >= 0 {
		text = text[:end]
	}
	p.rest = p.rest[len(text):]
	pointer, err := ParsePointer(text)
	if err != nil || len(prefix)+len(pointer) > MaxDepth {
		return ErrSelector
	}
	pointer = slices.Concat(prefix, pointer)
	if p.accept('(') {
		if err := p.list(pointer, depth+1); err != nil {
			return err
		}
		if !p.accept(')') {
			return ErrSelector
		}
		return nil
	}
	if text == "" || len(p.selector.pointers) == maxSelectorPointers {
		return ErrSelector
	}
	p.selector.add(pointer)
	return nil
}

// accept reads c if it comes next.
func (p *selectorParser) accept(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}
