package enrich

import (
	"slices"
	"strconv"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Bounds of the text of fields.
const (
	// maxText is how long it may be, in bytes.
	maxText = 8192
	// maxTemplates is how long its templates may be together, in bytes: a list in parentheses repeats what is before it.
	maxTemplates = 64 << 10
)

const (
	opening = "{{"
	closing = "}}"
)

// Parse reads a field selector. Protocol rule: if it has placeholders, its entries are not known before they are resolved,
// and are not checked.
//
// Errors: json.fieldselector.invalid, things:field.selection.invalid, placeholder:unresolved.
func Parse(text string) (*Fields, *protocol.Error) {
	if !strings.Contains(text, opening) {
		return parseFixed(text)
	}
	return parseTemplates(text)
}

func parseFixed(text string) (*Fields, *protocol.Error) {
	selector, err := document.ParseSelector(text)
	if err != nil {
		return nil, protocol.ErrFieldSelectorInvalid(text)
	}
	for _, p := range selector.Pointers() {
		if !isField(p) {
			return nil, protocol.ErrFieldSelectionInvalid(p.String())
		}
	}
	fixed := selectionOf(selector.Pointers())
	return &Fields{text: text, fixed: fixed, policy: fixed.policy}, nil
}

// parseTemplates reads a selector with placeholders. Their expressions may hold what separates entries, so they are taken out
// while the entries are separated.
func parseTemplates(text string) (*Fields, *protocol.Error) {
	masked, expressions, ok := mask(text)
	if !ok {
		return nil, protocol.ErrFieldSelectorInvalid(text)
	}
	selector, err := document.ParseSelector(masked)
	if err != nil {
		return nil, protocol.ErrFieldSelectorInvalid(text)
	}
	f, size := &Fields{text: text}, 0
	for _, p := range selector.Pointers() {
		e, err := parseEntry(p, expressions)
		if err != nil {
			return nil, err
		}
		if e.template != nil {
			size += len(e.template.String())
		}
		if size > maxTemplates {
			return nil, protocol.ErrFieldSelectorInvalid(text)
		}
		f.add(e)
	}
	return f, nil
}

// add adds an entry.
func (f *Fields) add(e entry) {
	f.entries = append(f.entries, e)
	if e.template == nil {
		f.policy = f.policy || !e.features && len(e.pointer) == 1 && e.pointer[0] == fieldPolicy
		return
	}
	f.policy = true // there is no telling
	f.subject = f.subject || slices.Contains(e.template.Placeholders(), subjectID)
}

// mark stands on both sides of the number of an expression that was taken out. It can be in no name.
const mark = "\x00"

// mask takes the expressions out of a text, and leaves their numbers.
func mask(text string) (masked string, expressions []string, ok bool) {
	if len(text) > maxText || strings.Contains(text, mark) {
		return "", nil, false
	}
	var b strings.Builder
	for {
		literal, rest, found := strings.Cut(text, opening)
		b.WriteString(literal)
		if !found {
			return b.String(), expressions, true
		}
		expression, after, closed := strings.Cut(rest, closing)
		if !closed {
			return "", nil, false
		}
		b.WriteString(mark + strconv.Itoa(len(expressions)) + mark)
		expressions = append(expressions, expression)
		text = after
	}
}

// parseEntry makes an entry of a pointer in which numbers stand for expressions.
func parseEntry(p document.Pointer, expressions []string) (entry, *protocol.Error) {
	// Without the slash at the beginning, since a placeholder may bring one.
	text := unmask(strings.TrimPrefix(p.String(), "/"), expressions)
	if !strings.Contains(text, opening) {
		return entry{pointer: p}, nil
	}
	t, err := placeholder.Parse(text)
	if err != nil {
		return entry{}, protocol.ErrFieldSelectorInvalid(text)
	}
	for _, used := range t.Placeholders() {
		if !isKnown(used) {
			return entry{}, protocol.ErrPlaceholderUnresolved(used.String())
		}
	}
	if e, ok := eachFeature(p, expressions); ok {
		return e, nil
	}
	return entry{template: t}, nil
}

// unmask puts the expressions back.
func unmask(text string, expressions []string) string {
	parts := strings.Split(text, mark)
	for i := 1; i < len(parts); i += 2 {
		n, _ := strconv.Atoi(parts[i])
		parts[i] = opening + expressions[n] + closing
	}
	return strings.Join(parts, "")
}

// eachFeature returns the entry for a pointer in which one segment is {{feature:id}} and no other has placeholders. A signal
// may touch many more features than a template may have results.
func eachFeature(p document.Pointer, expressions []string) (entry, bool) {
	at := -1
	for i, segment := range p {
		if !strings.Contains(segment, mark) {
			continue
		}
		parts := strings.Split(segment, mark)
		if at >= 0 || len(parts) != 3 || parts[0] != "" || parts[2] != "" {
			return entry{}, false
		}
		n, _ := strconv.Atoi(parts[1])
		if strings.TrimSpace(expressions[n]) != featureID.String() {
			return entry{}, false
		}
		at = i
	}
	return entry{features: true, before: p[:at], after: p[at+1:]}, true
}
