package document

// Set returns a copy of doc in which p addresses value. What is missing on the way is created: objects, in place of values
// that are no objects, arrays included. A document that does not exist yet may be nil. The copy may be nested more deeply
// than [MaxDepth], but by no more than p is long.
func Set(doc []byte, p Pointer, value []byte) []byte {
	at, rest := find(doc, p)
	size := len(doc) + len(value) + len(`,`)
	for _, token := range rest {
		size += quotedSize(token) + len(`{:}`)
	}
	out := make([]byte, 0, size)
	objects, resume := len(rest), at.end
	if len(rest) > 0 && KindOf(doc[at.value:]) == Object {
		// The next object on the way exists: the value becomes its last member.
		objects--
		resume = max(at.end-1, at.value+1)
		out = appendComma(append(out, doc[:resume]...))
		out = append(AppendString(out, rest[0]), ':')
		rest = rest[1:]
	} else {
		out = append(out, doc[:at.value]...)
	}
	for _, token := range rest {
		out = append(AppendString(append(out, '{'), token), ':')
	}
	out = append(out, value...)
	for range objects {
		out = append(out, '}')
	}
	return append(out, doc[resume:]...)
}

// quotedSize returns how many bytes the canonical string of s has at most.
func quotedSize(s string) int {
	if IsPlain(s) {
		return len(s) + len(`""`)
	}
	return len(s)*len(`\u0000`) + len(`""`)
}
