package placeholder

// budget is how much text may be made while one template is resolved, in bytes. It is far above what serves a purpose.
const budget = 256 << 10

// textCost is what a text costs besides its bytes, so that the number of empty ones is bounded too.
const textCost = 16

// value is what an expression has come to. Without texts it is unresolved.
type value struct {
	texts   []string
	deleted bool
}

// evaluation is the resolving of one template.
type evaluation struct {
	source Source
	left   int // of the budget
}

func newEvaluation(src Source) *evaluation { return &evaluation{source: src, left: budget} }

// spend takes what a text of the size costs out of the budget. It is called before the text is made wherever the text may
// be much larger than what it is made from.
func (e *evaluation) spend(size int) error {
	if size > e.left-textCost {
		return ErrTooManyResults
	}
	e.left -= size + textCost
	return nil
}

func (e *evaluation) lookup(p Placeholder) ([]string, error) {
	texts, known := e.source.Lookup(p.Prefix, p.Name)
	if !known {
		return nil, &Error{Err: ErrPlaceholderUnknown, What: shorten(p.String()), Offset: -1}
	}
	for _, text := range texts {
		if err := e.spend(len(text)); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// argument is a parameter of a function.
type argument struct {
	constant    string
	placeholder *Placeholder // nil: the parameter is the constant
}

// texts returns what the parameter stands for, which may be nothing.
func (a argument) texts(e *evaluation) ([]string, error) {
	if a.placeholder != nil {
		return e.lookup(*a.placeholder)
	}
	return []string{a.constant}, nil
}

// text returns the first of texts, if there is one.
func (a argument) text(e *evaluation) (text string, ok bool, err error) {
	texts, err := a.texts(e)
	if err != nil || len(texts) == 0 {
		return "", false, err
	}
	return texts[0], true, nil
}

// is tells whether the parameter is a constant of this text.
func (a argument) is(text string) bool { return a.placeholder == nil && a.constant == text }
