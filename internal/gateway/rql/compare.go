package rql

// comparison is the test of an operator other than like and ilike.
type comparison struct {
	operator Operator
	constant constant
	// time is the index of the time that takes the place of the constant; -1 if there is none.
	time int
}

func (c *comparison) holds(v *scalar, times []constant) (ok bool, cost int) {
	with := &c.constant
	if c.time >= 0 {
		with = &times[c.time]
	}
	if c.operator == Equal {
		ok = with.equals(v)
	} else {
		order, ordered := with.compare(v)
		ok = ordered && c.operator.accepts(order)
	}
	return ok, 1 + min(len(v.text), len(with.text))/v.bytesPerUnit()
}

// accepts tells whether an operator holds for a value that compares like this to what it is compared with.
func (o Operator) accepts(order int) bool {
	switch o {
	case GreaterThan:
		return order > 0
	case GreaterOrEqual:
		return order >= 0
	case LessThan:
		return order < 0
	case LessOrEqual:
		return order <= 0
	case Equal, NotEqual, Like, LikeIgnoringCase:
	}
	return false
}
