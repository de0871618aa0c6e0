package placeholder

import "strings"

// Bounds of a template.
const (
	// MaxLength is how long a template may be, in bytes.
	MaxLength = 4096
	// MaxExpressions is how many expressions a template may have.
	MaxExpressions = 32
	// MaxFunctions is how many functions an expression may have.
	MaxFunctions = 10
	// MaxResults is how many results a template may resolve to.
	MaxResults = 100
)

// Template is text with expressions in it. It is made by [Parse].
type Template struct {
	text     string
	segments []segment
	used     []Placeholder
}

// segment is an expression and the literal text before it. The last one of a template has no expression.
type segment struct {
	literal string
	expr    *expression
}

// expression is a pipeline: where its texts come from, and what is done with them. Without a start it begins unresolved.
type expression struct {
	start  *Placeholder
	stages []stage
}

// stage is a function with its parameters.
type stage func(e *evaluation, in value) (value, error)

// String returns the text that the template was parsed from.
func (t *Template) String() string { return t.text }

// Placeholders returns the placeholders that the template uses, in the order of the text, each as often as it is used.
// Whoever takes templates can check with it that all are known where the template will be resolved.
func (t *Template) Placeholders() []Placeholder { return append([]Placeholder(nil), t.used...) }

// Resolve returns what the template stands for: every combination of what its expressions resolve to, with the first
// expression varying slowest. There is no result if one of them is unresolved.
//
// Errors: ErrPlaceholderUnknown, ErrDeleted, ErrTooManyResults.
func (t *Template) Resolve(src Source) ([]string, error) {
	e := newEvaluation(src)
	parts, err := t.evaluate(e)
	if err != nil || parts == nil {
		return nil, err
	}
	if isSingle(parts) {
		return t.join(e, parts)
	}
	results := []string{""}
	for i, s := range t.segments {
		if results, err = e.combine(results, s.literal, parts[i]); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// isSingle reports whether there is one combination of the parts.
func isSingle(parts [][]string) bool {
	for _, texts := range parts {
		if len(texts) != 1 {
			return false
		}
	}
	return true
}

// join is what combining all parts comes to, and costs, if there is one combination.
func (t *Template) join(e *evaluation, parts [][]string) ([]string, error) {
	size := 0
	for i, s := range t.segments {
		size += len(s.literal) + len(parts[i][0])
		if err := e.spend(size); err != nil {
			return nil, err
		}
	}
	var b strings.Builder
	b.Grow(size)
	for i, s := range t.segments {
		b.WriteString(s.literal)
		b.WriteString(parts[i][0])
	}
	return []string{b.String()}, nil
}

// noText is what a segment without an expression resolves to. It is not modified.
var noText = []string{""}

// evaluate returns what the expression of each segment resolves to, a single empty text for the one that has none. It
// returns nil if an expression is unresolved. All expressions are looked at, so that one that deletes does it wherever it
// stands.
func (t *Template) evaluate(e *evaluation) (parts [][]string, err error) {
	parts = make([][]string, len(t.segments))
	resolved := true
	for i, s := range t.segments {
		if s.expr == nil {
			parts[i] = noText
			continue
		}
		v, err := s.expr.evaluate(e)
		if err != nil {
			return nil, err
		}
		if v.deleted {
			return nil, ErrDeleted
		}
		resolved = resolved && len(v.texts) > 0
		parts[i] = v.texts
	}
	if !resolved {
		return nil, nil
	}
	return parts, nil
}

func (x *expression) evaluate(e *evaluation) (v value, err error) {
	if x.start != nil {
		if v.texts, err = e.lookup(*x.start); err != nil {
			return v, err
		}
	}
	for _, s := range x.stages {
		if v, err = s(e, v); err != nil || v.deleted {
			return v, err
		}
	}
	return v, nil
}

// combine appends the literal and each of the parts to each of the results.
func (e *evaluation) combine(results []string, literal string, parts []string) ([]string, error) {
	if len(results)*len(parts) > MaxResults {
		return nil, ErrTooManyResults
	}
	combined := make([]string, 0, len(results)*len(parts))
	for _, result := range results {
		for _, part := range parts {
			if err := e.spend(len(result) + len(literal) + len(part)); err != nil {
				return nil, err
			}
			combined = append(combined, strings.Join([]string{result, literal, part}, ""))
		}
	}
	return combined, nil
}
