package document

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
)

// Bounds of deleting by regular expression.
const (
	maxPatternLen  = 256     // bytes of a regular expression
	maxPatternSize = 1000    // instructions that all of a patch compile to
	maxPatternWork = 1 << 23 // instructions × bytes of the names they are matched with, for a patch
)

// What can be wrong with a merge patch. They arrive wrapped in a [*PatchError].
var (
	// ErrPattern says that a regular expression is not of the RE2 syntax or longer than 256 bytes.
	ErrPattern = errors.New("invalid regular expression")
	// ErrPatternValue says that a member whose name is a regular expression is not null.
	ErrPatternValue = errors.New("a member that deletes by regular expression must be null")
	// ErrPatternCost says that the regular expressions of a patch are too many or too complex, or that matching them with
	// the names there are would take too long.
	ErrPatternCost = errors.New("deleting by regular expression takes too much work")
)

// PatchError is what [MergePatch] returns when it refuses a patch.
type PatchError struct {
	// Name is the name of the member of the patch at fault.
	Name string
	// Err is ErrPattern, ErrPatternValue or ErrPatternCost.
	Err error
}

// Error implements error.
func (e *PatchError) Error() string { return e.Err.Error() + ": " + e.Name }

// Unwrap gives errors.Is access to the reason.
func (e *PatchError) Unwrap() error { return e.Err }

// pattern is the name of a patch's member that deletes other members.
type pattern struct {
	name   string
	regexp *regexp.Regexp // matches whole names only
	size   int            // instructions
}

// compile returns the patterns among the members of a patch. As members they are null, so nobody takes them for data.
func (m *merger) compile(changes *index) ([]pattern, error) {
	if !m.templates {
		return nil, nil
	}
	var patterns []pattern
	for i := range changes.members {
		change := &changes.members[i]
		p, err := m.pattern(changes.nameOf(change.member), changes.valueOf(change.member))
		if err != nil {
			return nil, err
		}
		if p != nil {
			patterns = append(patterns, *p)
		}
	}
	return patterns, nil
}

// pattern returns the pattern that a member with this name is, or nil if it is none.
func (m *merger) pattern(rawName, value []byte) (*pattern, error) {
	if !m.templates {
		return nil, nil
	}
	name := unquote(rawName)
	expr, ok := patternIn(name)
	if !ok {
		return nil, nil
	}
	if KindOf(value) != Null {
		return nil, &PatchError{name, ErrPatternValue}
	}
	p, err := newPattern(name, expr, m.size)
	if err != nil {
		return nil, &PatchError{name, err}
	}
	m.size -= p.size
	return p, nil
}

// IsPattern reports whether the name of a patch's member has the form of a regular expression that deletes its siblings.
func IsPattern(name string) bool {
	_, ok := patternIn(name)
	return ok
}

// patternIn returns the regular expression in a name like {{ ~expr~ }} or {{ /expr/ }}.
func patternIn(name string) (expr string, ok bool) {
	inner, ok := strings.CutPrefix(name, "{{")
	if !ok {
		return "", false
	}
	inner, ok = strings.CutSuffix(inner, "}}")
	if !ok {
		return "", false
	}
	inner = strings.Trim(inner, " ")
	if len(inner) < 2 || inner[0] != inner[len(inner)-1] || inner[0] != '~' && inner[0] != '/' {
		return "", false
	}
	return inner[1 : len(inner)-1], true
}

// newPattern compiles expr to at most maxSize instructions. Its error is ErrPattern or ErrPatternCost.
func newPattern(name, expr string, maxSize int) (*pattern, error) {
	if len(expr) > maxPatternLen {
		return nil, ErrPattern
	}
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, ErrPattern
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, ErrPattern
	}
	if len(prog.Inst) > maxSize {
		return nil, ErrPatternCost
	}
	re, err := regexp.Compile(`\A(?:` + expr + `)\z`)
	if err != nil {
		return nil, ErrPattern
	}
	return &pattern{name: name, regexp: re, size: len(prog.Inst)}, nil
}

// matches reports whether one of the patterns matches a name, which comes with its quotes.
func (m *merger) matches(patterns []pattern, rawName []byte) (bool, error) {
	if len(patterns) == 0 {
		return false, nil
	}
	name := unquote(rawName)
	for i := range patterns {
		p := &patterns[i]
		if m.work -= p.size * (len(name) + 1); m.work < 0 {
			return false, &PatchError{p.name, ErrPatternCost}
		}
		if p.regexp.MatchString(name) {
			return true, nil
		}
	}
	return false, nil
}
