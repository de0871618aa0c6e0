package placeholder

import "slices"

// condition tests texts, of which there may be none: whether one of them fulfils it.
type condition func(e *evaluation, texts []string) (bool, error)

// fnFilter keeps texts that fulfil a condition:
//
//	fn:filter('op','compared')          those of the texts that come in which fulfil it
//	fn:filter(value,'op','compared')    all that come in, if the parameter fulfils it
//
// The operators are eq, like, ne, and exists, whose compared value is 'true', which may be left out, or 'false'. A value
// with several texts fulfils eq and like if one of the texts does, and ne if none is equal: what is kept out by one role
// is not let in by another.
func fnFilter(args []argument, first bool) stage {
	// With two parameters the first may be the operator or a value that is to exist.
	if len(args) < 3 && len(args) > 0 {
		if test := newCondition(args[0], args[1:]); test != nil && !first {
			return filterEach(test)
		}
	}
	if len(args) < 2 {
		return nil
	}
	test := newCondition(args[1], args[2:])
	if test == nil {
		return nil
	}
	return filterAll(args[0], test, first)
}

// filterEach keeps the texts that fulfil the condition.
func filterEach(test condition) stage {
	return func(e *evaluation, in value) (out value, err error) {
		for i := range in.texts {
			ok, err := test(e, in.texts[i:i+1])
			if err != nil {
				return out, err
			}
			if ok {
				out.texts = append(out.texts, in.texts[i])
			}
		}
		return out, nil
	}
}

// filterAll keeps everything if the tested value fulfils the condition.
func filterAll(tested argument, test condition, first bool) stage {
	return func(e *evaluation, in value) (value, error) {
		texts, err := tested.texts(e)
		if err != nil {
			return value{}, err
		}
		ok, err := test(e, texts)
		if err != nil || !ok {
			return value{}, err
		}
		if first {
			return value{texts: []string{"true"}}, nil
		}
		return in, nil
	}
}

// newCondition returns nil if there is no such operator, or if it cannot have these parameters.
func newCondition(operator argument, compared []argument) condition {
	if operator.placeholder != nil || len(compared) > 1 {
		return nil
	}
	if operator.constant == "exists" {
		return newExists(compared)
	}
	if len(compared) == 0 {
		return nil
	}
	switch operator.constant {
	case "eq":
		return compares(compared[0], func(text, to string) bool { return text == to }, true)
	case "ne":
		return compares(compared[0], func(text, to string) bool { return text == to }, false)
	case "like":
		return compares(compared[0], like, true)
	}
	return nil
}

func newExists(compared []argument) condition {
	wanted := true
	if len(compared) > 0 {
		wanted = compared[0].is("true")
		if !wanted && !compared[0].is("false") {
			return nil
		}
	}
	return func(_ *evaluation, texts []string) (bool, error) { return len(texts) > 0 == wanted, nil }
}

// compares returns the condition that one of the texts matches one of those that the parameter stands for, or, if matches
// are not wanted, that none does.
func compares(to argument, match func(text, to string) bool, wanted bool) condition {
	return func(e *evaluation, texts []string) (bool, error) {
		others, err := to.texts(e)
		if err != nil {
			return false, err
		}
		found := slices.ContainsFunc(texts, func(text string) bool {
			return slices.ContainsFunc(others, func(other string) bool { return match(text, other) })
		})
		return found == wanted, nil
	}
}
