package finder

// wanted are the things that may be found where others may be too. Nil: everything may.
type wanted struct {
	ids map[string]struct{}
	// patience is how many keys have been passed when it is time to stop.
	patience int
}

func (w *wanted) has(id []byte) bool {
	if w == nil {
		return true
	}
	_, is := w.ids[string(id)]
	return is
}

// done notes that a thing was found, or cannot be.
func (w *wanted) done(id string) {
	if w != nil {
		delete(w.ids, id)
	}
}

// pass returns errEnough when it is time to stop: all have been found, or too many keys were passed.
func (w *wanted) pass(keysPassed int) error {
	if w != nil && (len(w.ids) == 0 || keysPassed > w.patience) {
		return errEnough
	}
	return nil
}

// join goes along the entries of the property by which things are sorted, and looks at those that are wanted. When it has passed
// so many others that it would have been better to look at all that are wanted, it does that with the rest.
func (f *finding) join(ids []string) error {
	if f.kept.keep(keptMap*len(ids)) != nil {
		return f.gather(ids)
	}
	f.wanted = &wanted{ids: make(map[string]struct{}, len(ids))}
	for _, id := range ids {
		f.wanted.ids[id] = struct{}{}
	}
	b := &f.order[0]
	r, narrowed, err := f.narrow(b)
	if err != nil {
		return err
	}
	if !narrowed && f.lackingFirst() {
		known, err := f.tellKnownLacking()
		if err != nil {
			return err
		}
		if !known {
			return f.gather(ids)
		}
	}
	f.wanted.patience = f.keysPassed + len(ids)*fewer*fewer
	err = f.walkValues(r)
	if err == nil && f.lackingArePast() {
		return nil // the rest comes before the position
	}
	if err := ignore(err, errEnough); err != nil {
		return err
	}
	rest := make([]string, 0, len(f.wanted.ids))
	for id := range f.wanted.ids {
		rest = append(rest, id)
	}
	return f.gather(rest)
}

func ignore(err, target error) error {
	if err == target { //nolint:errorlint // ours, and not wrapped
		return nil
	}
	return err
}
