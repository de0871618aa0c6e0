package protocol

// AppendOut appends the headers that may be shown to clients as a JSON object, the correlation id first.
func (h *Headers) AppendOut(dst []byte) []byte {
	dst = append(dst, '{')
	start := len(dst)
	if i := h.index(HeaderCorrelationID, nil); i >= 0 {
		dst = h.fields[i].append(dst, start)
	}
	for i := range h.fields {
		if f := &h.fields[i]; catalogue[f.known].way.out() && f.known != HeaderCorrelationID {
			dst = f.append(dst, start)
		}
	}
	return append(dst, '}')
}

// append appends the field as a member of the object whose first member begins at start.
func (f *field) append(dst []byte, start int) []byte {
	if len(dst) > start {
		dst = append(dst, ',')
	}
	dst = append(dst, f.name...)
	dst = append(dst, ':')
	return append(dst, f.raw...)
}
